"""Accounts as columns name them: with their service before them, ``x:bob``, or without."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from crossfix.events.readers.services import service_before

_STRING = pa.string()


def services_before(names: pa.Array) -> pa.Array:
    """Return the services that stand before names, null where none does."""
    coded = names.dictionary_encode()
    said = [service_before(name) for name in coded.dictionary.to_pylist()]
    return pa.array(said, _STRING).take(coded.indices)


def accounts_of(names: pa.Array, service: pa.Array) -> pa.Array:
    """Return ``service:native-id`` of each row, whether or not the name says its service already.

    Another name of the same service (``twitter:bob`` of ``x``) counts as that.
    """
    if pc.any(pc.match_substring(names, ":")).as_py():
        same = pc.fill_null(pc.equal(services_before(names), service), False)
        names = pc.if_else(same, pc.replace_substring_regex(names, "^[^:]*:", ""), names)
        names = handles(names)
        whole = pc.binary_join_element_wise(service, "", ":").to_pylist()
        begins = [
            name is not None and name.startswith(begin)
            for name, begin in zip(names.to_pylist(), whole, strict=True)
        ]
        joined = pc.binary_join_element_wise(service, names, ":")
        return pc.if_else(pa.array(begins), names, joined)
    return pc.binary_join_element_wise(service, handles(names), ":")


def handles(names: pa.Array) -> pa.Array:
    """Return names without the @ that stands before some."""
    return pc.replace_substring_regex(names, "^@", "")
