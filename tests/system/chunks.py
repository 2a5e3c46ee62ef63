"""Reads the addresses of a stored chunk (engine/core/chunk.h), to ask for each recipient's state."""
import ctypes
import ctypes.util

_zstd = ctypes.CDLL(ctypes.util.find_library("zstd") or "libzstd.so.1")
_zstd.ZSTD_getFrameContentSize.restype = ctypes.c_ulonglong
_zstd.ZSTD_getFrameContentSize.argtypes = [ctypes.c_char_p, ctypes.c_size_t]
_zstd.ZSTD_decompress.restype = ctypes.c_size_t
_zstd.ZSTD_decompress.argtypes = [ctypes.c_char_p, ctypes.c_size_t, ctypes.c_char_p, ctypes.c_size_t]


def unpack(packed):
    assert packed[:1] == b"\x01", "a chunk of another version"
    frame = packed[1:]
    size = _zstd.ZSTD_getFrameContentSize(frame, len(frame))
    plain = ctypes.create_string_buffer(size)
    assert _zstd.ZSTD_decompress(plain, size, frame, len(frame)) == size
    data, at = plain.raw, 0

    def number():
        nonlocal at
        value, shift = 0, 0
        while True:
            byte = data[at]
            at += 1
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return value

    def text():
        nonlocal at
        length = number()
        at += length
        return data[at - length:at].decode()

    for _ in range(number()):
        text()  # names of variables
    addresses = []
    for _ in range(number()):
        number()  # row
        addresses.append(text())
        text()  # refusal
        for _ in range(number()):
            number()
            text()
    return addresses
