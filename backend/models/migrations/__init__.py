"""Every change of stored data, in order; a new one is a module and a line here.

Collections and indexes are not among them: `migrate` makes those that documents declare.
"""

from backend.models.migrations import s0001_addresses_of_ended_phones as s0001
from backend.models.migrations import s0002_free_text_is_sealed as s0002
from backend.models.migrations import s0003_photos_are_sealed as s0003
from backend.models.migrations import s0004_notes_are_sealed as s0004
from backend.models.migrations import s0005_digests_without_words as s0005
from backend.models.migrations import s0006_cuts_without_words as s0006
from backend.models.migrations.step import Step, nothing

__all__ = ["STEPS", "Step"]

STEPS: tuple[Step, ...] = (
    Step(1, "addresses of ended phones", s0001.up, nothing),
    # An earlier release shows no free text any more, and works otherwise.
    Step(2, "free text is sealed", s0002.up, nothing),
    # An earlier release cannot show a photo that is sealed, and works otherwise.
    Step(3, "photos are sealed", s0003.up, nothing),
    Step(4, "notes of alerts are sealed", s0004.up, nothing),
    Step(5, "digests are without words", s0005.up, nothing),
    Step(6, "data cuts are without words", s0006.up, nothing),
)
