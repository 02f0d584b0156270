"""x"""
from dinotui.tui.screens.stored import DataScreen
class StatisticsScreen(DataScreen):
    def title_text(self): return "x"
    def body(self): return iter(())
