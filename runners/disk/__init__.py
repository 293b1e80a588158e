"""The stopped disk as a witness: where its bytes come from, and the reader process that makes facts of them.

`runners.disk.sas` is the source of bytes, `runners.disk.reader` starts the process and serves it blocks,
`runners.disk.process` is what runs inside. Only that process imports dissect.
"""
