from crossfix.compiled import compiled


def test_compiled_code_can_be_kept_or_not() -> None:
    def double(x: int) -> int:
        return 2 * x

    namespace: dict[str, object] = {}
    exec("def triple(x):\n    return 3 * x", namespace)  # has no file to cache beside
    assert compiled(double)(4) == 8
    assert compiled(namespace["triple"])(4) == 12  # type: ignore[arg-type]
