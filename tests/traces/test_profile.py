import pytest

from crossfix.traces.profile import created_at, name_shape


@pytest.mark.parametrize(
    ("handle", "shape"),
    [
        ("Ada_Byron84736251", "Aa_Aa9{8}"),
        ("AdaByron84736251", "AaAa9{8}"),
        ("adabyron84736", "a9{5}"),
        ("user-778899", "a-9{6}"),
        ("ada", None),
        ("ada_1985", None),
        ("12345678", None),
        ("ada123", None),
        ("Ада84736251", None),
        ("a" * 70 + "84736", None),
        ("", None),
    ],
)
def test_only_generated_looking_names_have_a_shape(handle: str, shape: str | None) -> None:
    assert name_shape(handle) == shape


@pytest.mark.parametrize(
    ("value", "hour"),
    [
        ("2026-01-05T10:02:11Z", 10),
        ("2026-01-05 10:02:11", 10),
        ("2026-01-05T10:02:11+02:00", 8),
        ("2026-01-05T10:02:11.123456+00:00", 10),
        ("2026-01-05", None),
        ("yesterday", None),
        ("2026-13-05T10:02:11Z", None),
        ("0001-01-01T00:00:00+14:00", None),
        ("9999-12-31T23:59:59-14:00", None),
    ],
)
def test_times_of_creation_are_read_strictly(value: str, hour: int | None) -> None:
    when = created_at(value)
    assert (when.hour if when else None) == hour
