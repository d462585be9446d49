"""What a page is to somebody who cannot see it: axe-core's verdict."""

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

_BAD = ("serious", "critical")


def serious_faults(page: Page) -> list[str]:
    """Give axe-core's serious and critical findings on what the page shows now."""
    found = Axe().run(page).response["violations"]
    return [
        f"{one['id']}: {one['help']}: {[node['html'][:160] for node in one['nodes'][:3]]}"
        for one in found
        if one["impact"] in _BAD
    ]
