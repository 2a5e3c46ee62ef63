#!/usr/bin/env python3
"""Turns files into C++ string constants: embed.py ROOT OUT NAME FILE..."""
import os
import re
import sys

root, out, name, *files = sys.argv[1:]
os.makedirs(os.path.dirname(out), exist_ok=True)


def symbol(path):
    return re.sub(r"[^A-Za-z0-9]", "_", path)


with open(out + ".h", "w") as header:
    header.write(
        '#pragma once\n\n#include "base/embedded.h"\n\n#include <span>\n#include <string_view>\n\n'
        "namespace hongyan::embedded {\n\n"
    )
    for path in files:
        header.write(f"extern const std::string_view {symbol(path)};\n")
    header.write(f"std::span<const File> {name}_files();\n\n}}  // namespace hongyan::embedded\n")

with open(out + ".cc", "w") as source:
    source.write(f'#include "embedded/{name}.h"\n\nnamespace hongyan::embedded {{\n\n')
    for path in files:
        data = open(os.path.join(root, path), "rb").read()
        source.write(f"static const unsigned char bytes_{symbol(path)}[] = {{\n")
        for at in range(0, len(data), 24):
            source.write(",".join(str(b) for b in data[at : at + 24]) + ",\n")
        source.write("0};\n")
        source.write(
            f"const std::string_view {symbol(path)}("
            f"reinterpret_cast<const char*>(bytes_{symbol(path)}), {len(data)});\n\n"
        )
    source.write(f"std::span<const File> {name}_files() {{\n  static const File files[] = {{\n")
    for path in files:
        source.write(f'      {{"{path}", {symbol(path)}}},\n')
    source.write("  };\n  return files;\n}\n\n}  // namespace hongyan::embedded\n")
