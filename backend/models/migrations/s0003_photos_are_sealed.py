"""Seal the patients' photos, which earlier releases kept as they were."""

from backend.db import database
from backend.models.migrations.step import Work
from backend.models.photo import sealed_image
from backend.vault import SealedForGoodError

# Of some hundred kilobytes each.
BATCH = 20


def up(work: Work) -> None:
    """Put the sealed picture in the place of each plain one."""
    images = database()["photo_images"]
    left = {"data": {"$exists": True}}
    while found := list(images.find(left).limit(BATCH)):
        work.beat()
        for image in found:
            photo = database()["photos"].find_one({"_id": image["_id"]}, {"subject_id": 1})
            try:
                sealed = sealed_image(image["_id"], photo["subject_id"], bytes(image["data"]))
            except SealedForGoodError:
                images.delete_one({"_id": image["_id"]})
                continue
            change = {"$set": {"sealed": sealed.sealed}, "$unset": {"data": ""}}
            images.update_one({"_id": image["_id"]}, change)
