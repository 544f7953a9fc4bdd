"""temporary"""

import numpy as np, pyarrow as pa
from scipy.special import pdtrc


def validate(pairs, *, actor=None):
    kind = pairs.column("kind").astype(int)
    a = pairs.column("account_a").astype(np.int64)
    b = pairs.column("account_b").astype(np.int64)
    A = pairs.accounts
    st = np.log2(pairs.column("accounts")).astype(int)
    d = pairs.column("delta")
    out = []
    for k in np.unique(kind):
        m = kind == k
        deg = np.zeros(max(a.max(), b.max()) + 1)
        dg = pairs.degrees
        mm = dg["kind"].to_numpy() == k
        dv = np.zeros(int(dg["account"].to_numpy().max()) + 1)
        dv[dg["account"].to_numpy()[mm]] = dg["keys"].to_numpy()[mm]
        tot = (dv.sum() ** 2 - (dv**2).sum()) / 2
        w = m & (d <= 3600 * 1000000)
        if not w.any():
            continue
        pid = a[w] * 10**9 + b[w]
        u, n = np.unique(pid, return_counts=True)
        x = u // 10**9
        y = u % 10**9
        lam = dv[x] * dv[y] * n.sum() / tot
        p = pdtrc(n - 1, lam)
        o = np.argsort(p)
        M = A * (A - 1) / 2
        q = np.minimum.accumulate((p[o] * M / np.arange(1, len(p) + 1))[::-1])[::-1]
        ok = (q <= 0.01) & (n[o] >= 2)
        i = o[ok]
        out.append(
            pa.table(
                {
                    "account_a": pa.array(x[i].astype(np.int32)),
                    "account_b": pa.array(y[i].astype(np.int32)),
                    "kind": pa.array(np.full(len(i), k, np.int8)),
                    "window": pa.array(np.full(len(i), 3600, np.int32)),
                    "shared_keys": pa.array(n[i].astype(np.int32)),
                    "expected": pa.array(lam[i]),
                    "llr": pa.array(n[i] * np.log(n[i] / lam[i]) - (n[i] - lam[i])),
                    "q_value": pa.array(q[ok]),
                }
            )
        )
    return (
        pa.concat_tables(out)
        if out
        else pa.table(
            {
                k: pa.array([], t)
                for k, t in (
                    ("account_a", pa.int32()),
                    ("account_b", pa.int32()),
                    ("kind", pa.int8()),
                    ("window", pa.int32()),
                    ("shared_keys", pa.int32()),
                    ("expected", pa.float64()),
                    ("llr", pa.float64()),
                    ("q_value", pa.float64()),
                )
            }
        )
    )
