"""The ids of many events at once, the same as `crossfix.events.event_id` gives one by one."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from crossfix.events.event import digest_of, event_id

_STRING = pa.string()


def event_ids(
    service: pa.Array,
    native: pa.Array,
    account: pa.Array,
    times: pa.Array,
    action: pa.Array,
    text: pa.Array,
) -> pa.Array:
    """Return the ids of events: from the service's own id, else from what the event says."""
    ids = parent_ids(service, native)
    if not ids.null_count:
        return ids
    lacking = pc.is_null(ids)
    content = zip(
        *(
            column.filter(lacking).to_pylist()
            for column in (service, account, times.cast(pa.int64()), action, text)
        ),
        strict=True,
    )
    made = [event_id(service, None, *rest) for service, *rest in content]
    return pc.replace_with_mask(ids, lacking, pa.array(made, _STRING))


def parent_ids(service: pa.Array, native: pa.Array) -> pa.Array:
    """Return the ids of the events that native ids name; null where there is none."""
    if native.null_count == len(native):
        return native
    joined = pc.binary_join_element_wise(service, "\x00", native, "\x1f").cast(pa.binary())
    ids = [None if key is None else digest_of(key) for key in joined.to_pylist()]
    return pa.array(ids, _STRING)
