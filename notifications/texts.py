"""The fixed neutral texts: they may appear on a locked screen or in a mail server's log."""
# ruff: noqa: RUF001 - Chinese punctuation is what it looks like

from collections.abc import Mapping
from typing import NamedTuple


class Text(NamedTuple):
    """What a person sees; it says that something waits, never what or about whom."""

    title: str
    body: str


TEXTS: Mapping[str, Mapping[str, Text]] = {
    "alert": {
        "en": Text("New alert", "A new alert is on your work list. Please open it."),
        "zh": Text("新的警报", "您的工作列表中有一条新的警报，请打开查看。"),
    },
    "alert_reminder": {
        "en": Text("Alert waiting", "An alert on your work list still waits for an answer."),
        "zh": Text("警报待处理", "您的工作列表中仍有一条警报等待处理。"),
    },
    "alert_handed_over": {
        "en": Text("Alert for you", "A colleague has handed an alert over to you."),
        "zh": Text("警报移交", "同事已将一条警报移交给您，请打开查看。"),
    },
    "alert_digest": {
        "en": Text("Work list", "Alerts that can wait are on your work list."),
        "zh": Text("工作列表", "您的工作列表中有可稍后处理的警报。"),
    },
    "break_glass": {
        "en": Text("For review", "Something in the study waits for your review. Please open it."),
        "zh": Text("待审核", "研究中有一项内容等待您的审核，请打开查看。"),
    },
    "diary_reminder": {
        "en": Text("Reminder", "Your diary is open. Please fill it in when you can."),
        "zh": Text("提醒", "您的日记已开放，请在方便时填写。"),
    },
    "test": {
        "en": Text("Test message", "This is a test. Nothing needs to be done."),
        "zh": Text("测试消息", "这是一条测试消息，无需处理。"),
    },
}
