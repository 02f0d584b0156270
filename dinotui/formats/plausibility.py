"""How much a decoded text looks like something a person wrote: the judge between encodings.

Only characters beyond ASCII tell, each with a weight from -2 (never meant) to 1 (a letter of a real script in
its place); the score of a text is their mean. What counts is which character it is (the 2,350 syllables of
KS X 1001 make nearly all Korean, the first level of JIS and GB nearly all Japanese and Chinese) and what
stands beside it (Western accented letters stand among ASCII letters, symbols do not).
The syllables that Korean prose uses again and again weigh more than the rest of KS X 1001.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Final

_BEYOND: Final = re.compile(r"[^\x00-\x7f]+")
_ENOUGH: Final = 4_000  # characters judged; more change nothing
_JOINING: Final = frozenset("’‘·–—-…º°ª\u200b\u200c")  # may stand between letters
_USUAL_MARKS: Final = frozenset("’‘“”–—…•·«»°€£©®™¿¡§ºª\u00a0№。、·「」『』（）～〜")
_JAMO_OF_CHATS: Final = frozenset("ㅋㅎㅠㅜㅇㄴㄷㄱ")
WESTERN_LETTERS: Final = frozenset("àáâãäåæçèéêëìíîïñòóôõöøœùúûüßÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÑÒÓÔÕÖØŒÙÚÛÜ")
_USUAL_SYLLABLES: Final = frozenset(
    "가각간갈감갑값갓강갖같갚개객갤갱거걱건걷걸검겁것게겐겠겨격겪견결겸경곁계고곡곤골곰곱곳공과곽관광괜괴"
    "교구국군굳굴굽궁권귀규균그극근글금급기긴길김깊까깐깔깜깝깡깥깨꺼꺾껴꼬꼭꼴꼽꽃꽤꾸꾼꿀꿈끄끈끊끌끓끔"
    "끗끝끼나낙난날남납낫났낭낮낳내낸낼냄냈냉너넉넌널넓넘넣네넥넷녀녁년념녕노녹논놀농높놓뇌누눈뉴느는늘능"
    "늦니닉닌닐님다닥단닫달담답닷당닿대댁더덕던덜덟덤덥덧덩덮데덴델도독돈돋돌동돼되된될됨두둑둔둘둥뒤드득"
    "든듣들듯등디딘딜딩따딱딴딸땀땅때땐떠떡떤떨떻떼또똑뚜뚝뛰뜨뜩뜻띄라락란람랍랐랑랗래랙랜램랫랭략량러럭"
    "런럴럼럽렀렁렇레렉렌려력련렬렴렵령례로록론롭롯료루룩류륙률륭르른름릇릎리릭린림립마막만많말맑맛망맞매"
    "맥맨맵맺머먹먼멀멈멋멍메멕멘멜며면멸명몇모목몬몰몸못몽묘무묵문묻물뭄뭐뭘뮌미믹민믿밀밌및밑바박밖반받"
    "발밝밟밤밥방밭배백밴뱀버벅번벌범법벗베벤벨벼벽변별병보복볶본볼봄봇봉부북분불붉붓붕붙뷰브블비빈빌빗빙"
    "빛빠빨빵빼뻐뻔뼈뽑뿌뿐쁘쁨사삭산살삶삼상새색샌생샤서석선설섬섭성세섹센셀셈셋셔션소속손솔송쇄쇠쇼수숙"
    "순술숨숲쉬쉽슈스슨슬슴습승시식신실싫심십싱싶싸싹쌀쌍쌓써썩썰쎄쏘쏟쓰쓴쓸씀씨씩씬씹씻아악안앉않알암압"
    "앗았앙앞애액앨야약얇양얘어억언얹얻얼엄업없엇었엉엌엎에엔엘여역연열염엽엿영옆예옛오옥온올옮옳옷와완왕"
    "왜외왼요욕용우욱운울움웃웅워원월웨웬위윗유육윤율으윽은을음응의이익인일읽잃임입잇있잊잎자작잔잖잘잠잡"
    "장재쟁저적전절젊점접젓정젖제젠져조족존졸좀좁종좋좌죄주죽준줄줌중쥐즈즉즌즐즘증지직진질짐집짓징짙짚짜"
    "짝짧째쨌쩌쩍쪽쫓쭈쭉찌찍찢차착찬찮찰참창찾채책챔챙처척천철첩첫청체쳐초촉촌총촬최추축춘출춤춥춧충취츠"
    "측츰층치칙친칠침칭카칸칼캄캉캐캠커컨컬컴컵컷케켓켜코콘콜콤콩쾌쿄쿠쿤쿨퀴퀸크큰클큼키킨킬킹타탁탄탈탑"
    "탓탕태택탤탱터턱털텅테텍텔템토톤톨통퇴투툴툼퉁튀튜트특튼틀틈티틱팀팅파팎판팔패팩팬퍼페펜펠펴편펼평폐"
    "포폭폰폴표푸푹풀품풍프플픔피픽핀필핏핑하학한할함합항해핵핸햄햇했행향허헌험헤헬혀현혈협형혜호혹혼홀홈"
    "홍화확환활황회획횟효후훈훌훔훨휘휴흉흐흑흔흘흙흡흥흩희흰히힘"
)
_SCRIPTS: Final = (
    "LATIN",
    "CYRILLIC",
    "GREEK",
    "HANGUL",
    "HIRAGANA",
    "KATAKANA",
    "CJK",
    "FULLWIDTH",
    "HALFWIDTH",
)


def plausibility(text: str, codec: str) -> tuple[float, int]:
    """Return the mean weight of the characters beyond ASCII in `text` and how many were judged.

    `codec` is the encoding that gave `text`: which ideographs are common depends on it.
    """
    total, count, ideographs, kana, late = 0.0, 0, 0, 0, 0
    for match in _BEYOND.finditer(text):
        run = match[0][:_ENOUGH]
        before = text[match.start() - 1] if match.start() else " "
        after = text[match.end()] if match.end() < len(text) else " "
        padded = before + run + after
        for index, char in enumerate(run, start=1):
            total += _weight(padded[index - 1], char, padded[index + 1], codec)
            script = _script(char)
            ideographs += script == "CJK"
            kana += script in {"HIRAGANA", "KATAKANA"}
            late += codec == "gb18030" and _pinyin_late(char)
        count += len(run)
        if count >= _ENOUGH:
            break
    if not count:
        return 0.0, 0
    return total / count - _lopsided(codec, ideographs, kana, late), count


def _lopsided(codec: str, ideographs: int, kana: int, late: int) -> float:
    """Return what a text loses that has the characters of a language but not their mixture."""
    certainty = min(1.0, ideographs / 6)
    if codec == "gb18030" and ideographs and late < 0.15 * ideographs:
        return 0.5 * certainty  # Korean bytes read as Chinese: only the first half of the alphabet
    if codec in {"cp932", "euc_jp"} and ideographs and not kana:
        return 0.3 * certainty
    return 0.0


def _weight(before: str, char: str, after: str, codec: str) -> float:
    script = _script(char)
    if script == "HANGUL":
        return _hangul(before, char, after)
    if script in {"LATIN", "CYRILLIC", "GREEK"}:
        return _alphabetic(before, char, after, script)
    if script == "CJK":
        return -0.3 if _ascii_letter(before) or _ascii_letter(after) else _ideograph(char, codec)
    if script in {"HIRAGANA", "KATAKANA"}:
        return 0.2 if codec in {"gb18030", "big5", "cp949"} else 1.0
    if script == "HALFWIDTH":
        return -0.6
    if script == "FULLWIDTH":
        return 0.3
    return _other(before, char, after)


def _hangul(before: str, char: str, after: str) -> float:
    if not "가" <= char <= "힣":
        return 0.2 if char in _JAMO_OF_CHATS else -0.5
    if not _encodes(char, "euc_kr"):
        return -1.0
    if _ascii_letter(before) and _ascii_letter(after):
        return -1.0
    return 1.0 if char in _USUAL_SYLLABLES else 0.5


def _alphabetic(before: str, char: str, after: str, script: str) -> float:
    if char.isupper() and before.isalpha() and before.islower():
        return -1.0  # a capital in the middle of a word
    neighbours = [other for other in (before, after) if other.isalpha()]
    if script == "LATIN":
        if any(map(_ascii_letter, neighbours)):
            return 0.8 if char in WESTERN_LETTERS else 0.7 if "\u0100" <= char < "\u0180" else 0.4
        return -0.4 if neighbours else 0.2
    if any(map(_ascii_letter, neighbours)):
        return -0.6
    if char.isupper() and before.isupper():
        return 0.6  # words in capitals are rarer than small letters read in the wrong table
    return 0.8 if any(_script(other) == script for other in neighbours) else 0.0


def _ideograph(char: str, codec: str) -> float:
    if codec == "gb18030":
        return _by_lead(char, "gb2312", 0xB0, 0xD7, 0.8)
    if codec == "big5":
        return _by_lead(char, "big5", 0xA4, 0xC6, 0.8)
    if codec in {"cp932", "euc_jp"}:
        return _by_lead(char, "euc_jp", 0xB0, 0xCF, 0.7)
    if codec == "cp949":
        return -0.6
    return 0.5 if _encodes(char, "gb18030") and "\u4e00" <= char <= "\u9fff" else -0.3


def _by_lead(char: str, charset: str, first: int, last: int, common: float) -> float:
    code = _bytes(char, charset)
    if code is None or len(code) != 2:
        return -0.8
    return common if first <= code[0] <= last else 0.0


def _pinyin_late(char: str) -> bool:
    """Whether a common Chinese character stands in the last third of the pronunciation order."""
    code = _bytes(char, "gb2312")
    return code is not None and len(code) == 2 and 0xC9 <= code[0] <= 0xD7


def _other(before: str, char: str, after: str) -> float:
    if char in "¿¡" and after.isalpha() and not before.isalpha():
        return 0.8
    category = unicodedata.category(char)
    if char == "\ufffd" or category in {"Cc", "Co", "Cn", "Cs"}:
        return -2.0
    if before.isalpha() and after.isalpha() and char not in _JOINING:
        return -0.8
    if char in _USUAL_MARKS:
        return 0.3
    return -0.5


def _ascii_letter(char: str) -> bool:
    return char.isascii() and char.isalpha()


@lru_cache(maxsize=8_192)
def _script(char: str) -> str:
    if not char.isalpha() and not "\uff00" <= char <= "\uffef":
        return ""
    name = unicodedata.name(char, "")
    return next((script for script in _SCRIPTS if name.startswith(script)), "")


@lru_cache(maxsize=8_192)
def _bytes(char: str, charset: str) -> bytes | None:
    try:
        return char.encode(charset)
    except UnicodeEncodeError:
        return None


def _encodes(char: str, charset: str) -> bool:
    code = _bytes(char, charset)
    # euc_kr writes syllables outside its table as eight bytes of letters
    return code is not None and len(code) <= 4
