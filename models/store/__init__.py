"""Stores: folders of bundles in versions, and the pointer that says which one is served."""

from sluicegate.models.store.pointer import POINTER, Pointer, Promotion, StoreError
from sluicegate.models.store.store import Store, Version, bundle_folder, is_store

__all__ = ["POINTER", "Pointer", "Promotion", "Store", "StoreError", "Version", "bundle_folder", "is_store"]
