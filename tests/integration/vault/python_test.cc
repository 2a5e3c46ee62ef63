// What docs/queue.md tells producers to do, done: its Python seals, the vault opens.
#include "mailbox/vault/sealed_secret.h"
#include "mailbox/vault/text_form.h"

#include <gtest/gtest.h>

#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>

namespace hongyan::vault {
namespace {

namespace fs = std::filesystem;

// The indented lines of the page's section.
std::string example() {
  std::ifstream page(HONGYAN_SOURCE_DIR "/docs/queue.md");
  std::string code;
  bool here = false;
  for (std::string line; std::getline(page, line);) {
    if (line.starts_with("## ")) here = line == "## Sealing a secret";
    if (here && line.starts_with("    ")) code += line.substr(4) + "\n";
    if (here && line.empty()) code += "\n";
  }
  return code;
}

std::string output_of(const std::string& command) {
  std::string text;
  FILE* const pipe = popen(command.c_str(), "r");  // NOLINT(cert-env33-c): words of ours
  std::array<char, 512> part{};
  while (pipe != nullptr && fgets(part.data(), part.size(), pipe) != nullptr) text += part.data();
  EXPECT_EQ(pipe == nullptr ? -1 : pclose(pipe), 0) << command;
  while (text.ends_with('\n')) text.pop_back();
  return text;
}

TEST(Python, WhatTheDocumentedExampleSealsOpens) {
  std::string folder = fs::temp_directory_path() / "hongyan-seal-XXXXXX";
  ASSERT_NE(mkdtemp(folder.data()), nullptr);
  const std::string script = folder + "/seal.py";
  const KeyRing ring{MasterKey::generate()};
  std::ofstream(script) << example() << "print(seal('" << to_text(ring.current.pair().public_key)
                        << "', 'acme', 'li@163.example', '授权码 QWERTY'))\n";
  const std::string sealed = output_of("/usr/bin/python3 " + script);
  fs::remove_all(folder);
  const auto secret = open_secret(ring, {"acme", "li@163.example"}, sealed);
  ASSERT_TRUE(secret) << secret.error().detail << ": " << sealed;
  EXPECT_EQ(secret->reveal(), "授权码 QWERTY");
  EXPECT_FALSE(open_secret(ring, {"other", "li@163.example"}, sealed));
}

}  // namespace
}  // namespace hongyan::vault
