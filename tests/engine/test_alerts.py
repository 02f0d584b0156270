from datetime import date, timedelta

import pytest

from dinotui.engine.alerts import alerts_due, make_alerts
from dinotui.engine.notifications import (
    add_notification,
    export_notifications,
    list_notifications,
    mark_read,
)
from dinotui.engine.preferences import get_preferences, set_preferences
from dinotui.storage.changelog import operation
from dinotui.storage.store import Store
from tests.engine.stays import put, stay

TODAY = date(2024, 6, 10)


def told(store: Store) -> list[tuple[str, str]]:
    page = list_notifications(store).notifications
    return [(each.kind, each.message) for each in reversed(page)]


def test_a_stay_near_its_max_days_is_told_at_each_threshold_once(store: Store) -> None:
    put(store, [stay("Thailand", "2024-06-01", max_days=60, id="t")])
    told_on = [n for n in range(75) if make_alerts(store, TODAY + timedelta(days=n))]
    # until 2024-07-30: 30, 14 and 7 days before, and once when it is over
    assert [str(TODAY + timedelta(days=n)) for n in told_on] == [
        "2024-06-30",
        "2024-07-16",
        "2024-07-23",
        "2024-07-31",
    ]
    kinds = [kind for kind, _message in told(store)]
    assert kinds == ["stay-limit", "stay-limit", "stay-limit", "overstay"]
    assert "until 2024-07-30: 30 days are left" in told(store)[0][1]
    assert all(each.trip_id == "t" for each in list_notifications(store).notifications)


def test_only_the_nearest_threshold_is_told_when_several_have_passed(store: Store) -> None:
    put(store, [stay("Thailand", "2024-06-01", max_days=15)])
    assert make_alerts(store, TODAY) == 1
    assert make_alerts(store, TODAY) == 0
    assert "5 days are left" in told(store)[0][1]


def test_who_leaves_in_time_is_not_warned(store: Store) -> None:
    put(
        store,
        [
            stay("Thailand", "2024-06-01", "2024-06-14", max_days=15),
            stay("Japan", "2024-01-01", "2024-06-01", max_days=15),
            stay("Spain", "2024-06-01"),
        ],
    )
    assert alerts_due(store, TODAY) == []


def test_who_plans_to_leave_too_late_is_warned(store: Store) -> None:
    put(store, [stay("Thailand", "2024-06-01", "2024-07-30", max_days=15)])
    assert [alert.kind for alert in alerts_due(store, TODAY)] == ["stay-limit"]


def test_new_dates_are_a_new_reason(store: Store) -> None:
    put(store, [stay("Thailand", "2024-06-01", max_days=10)])
    assert make_alerts(store, TODAY) == 1
    store.database.execute("UPDATE trip SET max_days = 9")
    assert make_alerts(store, TODAY) == 1
    assert "was allowed until 2024-06-09; it is 1 day over" in told(store)[1][1]


def test_the_schengen_days_are_told_when_near_and_when_over(store: Store) -> None:
    put(store, [stay("France", "2024-01-01")])
    first = date(2024, 1, 1)
    days = [n + 1 for n in range(120) if make_alerts(store, first + timedelta(days=n))]
    assert days == [80, 91]
    assert told(store) == [
        ("schengen-near", "80 of 90 days are used in the 180 days up to today: 10 are left."),
        ("schengen-over", "91 of 90 days are used in the 180 days up to today: 1 too many."),
    ]


def test_a_second_time_near_the_limit_is_told_again(store: Store) -> None:
    put(store, [stay("France", "2023-01-01", "2023-03-25"), stay("Spain", "2024-01-01", "2024-03-25")])
    assert make_alerts(store, date(2023, 3, 25)) == 1
    assert make_alerts(store, date(2023, 4, 10)) == 0
    assert make_alerts(store, date(2024, 3, 25)) == 1


def test_the_preferences_decide_when(store: Store) -> None:
    put(store, [stay("France", "2024-01-01", max_days=100)])
    set_preferences(store, {"schengenWarningDays": 60, "visaExpiryDays": [70]})
    assert {alert.kind for alert in alerts_due(store, date(2024, 2, 1))} == {"schengen-near", "stay-limit"}
    set_preferences(store, {"homePassport": "FR", "visaExpiryDays": []})
    assert alerts_due(store, date(2024, 2, 1)) == []


def test_a_subject_is_told_once_and_without_one_every_time(store: Store) -> None:
    assert add_notification(store, "a", "t", "m", subject="s")
    assert not add_notification(store, "a", "t2", "m2", subject="s")
    assert add_notification(store, "a", "t", "m")
    assert add_notification(store, "a", "t", "m")
    assert len(list_notifications(store, unread=True).notifications) == 3


def test_listing_by_pages_and_marking_read(store: Store) -> None:
    for number in range(5):
        add_notification(store, "a", f"title {number}", "m")
    first = list_notifications(store, limit=2)
    second = list_notifications(store, limit=2, before=first.older)
    third = list_notifications(store, limit=2, before=second.older)
    titles = [each.title for page in (first, second, third) for each in page.notifications]
    assert titles == [f"title {n}" for n in (4, 3, 2, 1, 0)]
    assert third.older is None
    assert mark_read(store, [first.notifications[0].id, "unknown"]) == 1
    assert len(list_notifications(store, unread=True).notifications) == 4
    assert len(list_notifications(store, unread=True).notifications) == 4
    assert mark_read(store) == 4
    assert mark_read(store) == 0
    assert list_notifications(store).notifications[0].read is not None


def test_another_users_messages_are_not_touched(store: Store) -> None:
    with Store(store.path, "Lee") as lee:
        add_notification(lee, "a", "t", "m", subject="s")
        assert add_notification(store, "a", "t", "m", subject="s")
        mark_read(store)
        assert len(list_notifications(lee, unread=True).notifications) == 1


def test_the_export_form(store: Store) -> None:
    add_notification(store, "overstay", "Title", "Text", subject="s", trip_id="t")
    (found,) = export_notifications(store)
    assert list(found) == ["id", "kind", "title", "message", "created", "read", "tripId", "subject"]
    assert (found["kind"], found["read"], found["tripId"]) == ("overstay", None, "t")


def test_telling_is_no_operation_of_its_own_and_can_be_part_of_one(store: Store) -> None:
    add_notification(store, "a", "t", "m")
    assert store.database.value("SELECT count(*) FROM operation") == 0
    with operation(store, "import") as recorder, recorder.part():
        add_notification(store, "a", "t", "m", recorder=recorder)
    assert store.database.value("SELECT inserted FROM operation_change") == 1


def test_a_changed_preference_is_an_operation(store: Store) -> None:
    assert set_preferences(store, {"theme": "dark", "homePassport": "kr"}).home_passport == "KR"
    assert get_preferences(store).theme == "dark"
    assert store.database.rows("SELECT kind, summary FROM operation") == [
        ("edit", "Changed preferences: homePassport, theme")
    ]
    set_preferences(store, {"theme": "dark"})
    assert store.database.value("SELECT count(*) FROM operation") == 1
    set_preferences(store, {"theme": None, "homePassport": None})
    assert get_preferences(store).export() == get_preferences(store).changed({}).export()
    assert get_preferences(store).theme == "auto"


def test_a_changed_preference_can_be_undone(store: Store) -> None:
    from dinotui.engine.history import undo

    set_preferences(store, {"visaExpiryDays": [3]})
    undo(store)
    assert get_preferences(store).visa_expiry_days == (7, 14, 30)


def test_an_import_absorbs_what_makes_sense_and_changes_nothing_that_is_so_already(store: Store) -> None:
    from dinotui.engine.preferences import absorb

    with operation(store, "import") as recorder, recorder.part():
        absorb(recorder, get_preferences(store).export())
    assert recorder.counts.inserted == 0
    with operation(store, "import") as recorder, recorder.part():
        absorb(recorder, {"theme": "dark", "visaExpiryDays": "nonsense", "unknown": 1, "language": None})
    assert recorder.counts.inserted == 1
    with operation(store, "restore") as recorder, recorder.part():
        absorb(recorder, {"language": "ko"}, replace=True)
    assert get_preferences(store).theme == "auto"
    assert get_preferences(store).language == "ko"


@pytest.mark.parametrize("language", ["en", "ko"])
def test_messages_are_sentences_in_the_users_language(store: Store, language: str) -> None:
    from dinotui.locale import use_language

    put(store, [stay("Thailand", "2024-06-01", max_days=15)])
    use_language(language)
    try:
        assert make_alerts(store, TODAY) == 1
    finally:
        use_language("en")
    assert "Thailand" in told(store)[0][1]
