"""Certificate Transparency as arithmetic: what logs sign, how they hash, what their entries hold.

Apart from the reader of logs (namaak.sources.certificates), because whoever checks a proof in an
evidence pack needs the same hashes and signatures, and neither log nor network.
Pure functions over bytes. Specifications: RFC 6962, and the C2SP notes static-ct-api,
tlog-checkpoint and signed-note.
May import: its own package.
"""
