// Real TLS: certificates made by openssl on the spot, served by OpenSSL behind a scripted STARTTLS.
#include "tests/integration/smtp/support.h"

#include <gtest/gtest.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <cstdio>
#include <filesystem>
#include <functional>
#include <stdlib.h>
#include <sys/socket.h>

namespace hongyan::smtp::test {
namespace {

// A root and server certificates: right, of another name, expired, signed by itself.
class TlsTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    char pattern[] = "/tmp/hongyan-tls-XXXXXX";
    dir_ = ::mkdtemp(pattern);
    const std::string script =
        "set -e; cd '" + dir_ +
        "'; key='-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes';"
        "openssl req -x509 $key -keyout ca.key -out ca.pem -days 2 -subj /CN=root;"
        "openssl req -x509 $key -keyout self.key -out self.pem -days 2 -subj /CN=mx.example"
        "  -addext subjectAltName=DNS:mx.example;"
        "mkdir new; : > index.txt; echo 01 > serial;"
        "printf "
        "'[ca]\\ndefault_ca=d\\n[d]\\ndatabase=index.txt\\nserial=serial\\nnew_certs_dir=new\\n"
        "default_md=sha256\\npolicy=p\\ncopy_extensions=copy\\nunique_subject=no\\n[p]\\n"
        "commonName=supplied\\n' > ca.cnf;"
        "sign() { openssl req -new $key -keyout $1.key -out $1.csr -subj /CN=$2"
        "  -addext subjectAltName=DNS:$2; openssl ca -batch -config ca.cnf -cert ca.pem"
        "  -keyfile ca.key -in $1.csr -out $1.pem -notext -startdate $3 -enddate $4; };"
        "sign right mx.example 20200101000000Z 20990101000000Z;"
        "sign other elsewhere.example 20200101000000Z 20990101000000Z;"
        "sign expired mx.example 20200101000000Z 20210101000000Z";
    made_ = std::system(("bash -c \"" + escaped(script) + "\" >/dev/null 2>&1").c_str()) == 0;
  }
  static void TearDownTestSuite() { std::filesystem::remove_all(dir_); }
  void SetUp() override { ASSERT_TRUE(made_) << "openssl could not make certificates"; }

  static std::string escaped(const std::string& script) {
    std::string out;
    for (const char c : script) {
      if (c == '"' || c == '$' || c == '\\') out += '\\';
      out += c;
    }
    return out;
  }
  static std::string file(const std::string& name) { return dir_ + "/" + name; }

  // Greets, offers STARTTLS, shakes hands, and takes messages over TLS.
  static ScriptedServer::Script server(const std::string& certificate, bool* resumed = nullptr) {
    auto context = std::shared_ptr<SSL_CTX>(SSL_CTX_new(TLS_server_method()), SSL_CTX_free);
    EXPECT_EQ(SSL_CTX_use_certificate_file(context.get(), file(certificate + ".pem").c_str(),
                                           SSL_FILETYPE_PEM),
              1);
    EXPECT_EQ(SSL_CTX_use_PrivateKey_file(context.get(), file(certificate + ".key").c_str(),
                                          SSL_FILETYPE_PEM),
              1);
    return [context, resumed](int fd) {
      send_text(fd, "220 mx\r\n");
      if (read_until(fd, "\r\n").empty()) return;
      send_text(fd, "250-mx\r\n250-PIPELINING\r\n250 STARTTLS\r\n");
      const std::string line = read_until(fd, "\r\n");
      if (line != "STARTTLS\r\n") {  // in clear, then
        plain_session(fd, line);
        return;
      }
      send_text(fd, "220 go\r\n");
      const std::unique_ptr<SSL, void (*)(SSL*)> ssl(SSL_new(context.get()), SSL_free);
      SSL_set_fd(ssl.get(), fd);
      if (SSL_accept(ssl.get()) != 1) return;
      if (resumed != nullptr) *resumed = SSL_session_reused(ssl.get()) == 1;
      tls_session(ssl.get());
    };
  }

 private:
  static void plain_session(int fd, const std::string& first) {
    if (!first.ends_with("DATA\r\n") && read_until(fd, "DATA\r\n").empty()) return;
    send_text(fd, "250 m\r\n250 r\r\n354 d\r\n");
    read_until(fd, "\r\n.\r\n");
    send_text(fd, "250 in clear\r\n");
    read_until(fd, "QUIT\r\n");
    send_text(fd, "221 bye\r\n");
  }
  static void tls_session(SSL* ssl) {
    const auto until = [ssl](std::string_view end) {
      std::string text;
      char byte;
      while (!text.ends_with(end) && SSL_read(ssl, &byte, 1) == 1) text += byte;
    };
    const auto say = [ssl](std::string_view text) {
      SSL_write(ssl, text.data(), static_cast<int>(text.size()));
    };
    until("\r\n");
    say("250-mx\r\n250 PIPELINING\r\n");
    until("DATA\r\n");
    say("250 m\r\n250 r\r\n354 d\r\n");
    until("\r\n.\r\n");
    say("250 over TLS\r\n");
    until("QUIT\r\n");
    say("221 bye\r\n");
  }

  static inline std::string dir_;
  static inline bool made_ = false;
};

TEST_F(TlsTest, OnlyTheRightCertificateIsVerified) {
  struct Row {
    const char* certificate;
    bool good;
  };
  for (const Row& row :
       {Row{"right", true}, Row{"other", false}, Row{"expired", false}, Row{"self", false}}) {
    ScriptedServer mx(server(row.certificate));
    ListFeed feed;
    feed.add("a@x.example");
    Target target = loopback(mx.port());
    target.options.tls = TlsMode::kVerified;
    const Visit visit = run_one(std::move(target), feed, file("ca.pem"));
    EXPECT_EQ(!visit.failure, row.good) << row.certificate;
    if (row.good) {
      ASSERT_EQ(feed.outcomes.size(), 1u);
      EXPECT_EQ(feed.outcomes[0].reply.text, "over TLS");
      EXPECT_TRUE(visit.tls.starts_with("TLSv1.3")) << visit.tls;
    } else if (visit.failure) {
      EXPECT_EQ(visit.failure->cause, "tls-unverified") << row.certificate;
      EXPECT_EQ(visit.failure->stage, Stage::kStartTls);
      EXPECT_FALSE(visit.failure->detail.empty());
      EXPECT_TRUE(feed.outcomes.empty());
    }
  }
}

// What a TLSA record would say of a certificate file.
TlsaRecord record_of(const std::string& file, std::uint8_t usage, std::uint8_t selector,
                     std::uint8_t matching) {
  const std::unique_ptr<FILE, int (*)(FILE*)> in(std::fopen(file.c_str(), "r"), std::fclose);
  const std::unique_ptr<X509, void (*)(X509*)> x(PEM_read_X509(in.get(), nullptr, nullptr, nullptr),
                                                 X509_free);
  unsigned char* der = nullptr;
  const int size =
      selector == 0 ? i2d_X509(x.get(), &der) : i2d_PUBKEY(X509_get0_pubkey(x.get()), &der);
  std::vector<std::uint8_t> data(der, der + size);
  OPENSSL_free(der);
  if (matching != 0) {
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned length = 0;
    EVP_Digest(data.data(), data.size(), digest, &length,
               matching == 1 ? EVP_sha256() : EVP_sha512(), nullptr);
    data.assign(digest, digest + length);
  }
  return {usage, selector, matching, std::move(data)};
}

TEST_F(TlsTest, DaneTakesWhatTheRecordsMatchAndNothingElse) {
  const struct {
    const char* certificate;
    const char* of;
    std::uint8_t usage, selector, matching;
    bool good;
  } rows[] = {
      {"self", "self", 3, 1, 1, true},   {"expired", "expired", 3, 0, 2, true},
      {"other", "other", 3, 1, 0, true}, {"other", "other", 3, 0, 0, true},
      {"right", "self", 3, 1, 1, false},  // a root that is trusted elsewhere is of no use
      {"self", "right", 3, 0, 1, false},
  };
  for (const auto& row : rows) {
    ScriptedServer mx(server(row.certificate));
    ListFeed feed;
    feed.add("a@x.example");
    Target target = loopback(mx.port());
    target.options.tls = TlsMode::kVerified;
    target.options.tlsa = {
        record_of(file(std::string(row.of) + ".pem"), row.usage, row.selector, row.matching)};
    const Visit visit = run_one(std::move(target), feed, file("ca.pem"));
    EXPECT_EQ(!visit.failure, row.good) << row.certificate << ' ' << row.of;
    if (visit.failure) {
      EXPECT_EQ(visit.failure->cause, "tls-unverified");
      EXPECT_TRUE(feed.outcomes.empty());
    }
  }
}

TEST_F(TlsTest, DaneSucceedsWhenOneOfSeveralRecordsMatches) {
  ScriptedServer mx(server("self"));
  ListFeed feed;
  feed.add("a@x.example");
  Target target = loopback(mx.port());
  target.options.tls = TlsMode::kVerified;
  target.options.tlsa = {record_of(file("right.pem"), 3, 1, 1),
                         record_of(file("self.pem"), 3, 1, 1)};
  const Visit visit = run_one(std::move(target), feed);
  EXPECT_FALSE(visit.failure);
}

TEST_F(TlsTest, RequiredTakesAnyCertificate) {
  for (const char* certificate : {"self", "other", "expired"}) {
    ScriptedServer mx(server(certificate));
    ListFeed feed;
    feed.add("a@x.example");
    Target target = loopback(mx.port());
    target.options.tls = TlsMode::kRequired;
    const Visit visit = run_one(std::move(target), feed);
    ASSERT_FALSE(visit.failure) << certificate << visit.failure->detail;
    ASSERT_EQ(feed.outcomes.size(), 1u);
    EXPECT_EQ(feed.outcomes[0].reply.text, "over TLS");
  }
}

TEST_F(TlsTest, TheSecondConnectionResumesTheSession) {
  bool resumed = false;
  ScriptedServer mx(server("right", &resumed));
  TlsContexts contexts(file("ca.pem"));
  for (const bool expected : {false, true}) {
    ListFeed feed;
    feed.add("a@x.example");
    Target target = loopback(mx.port());
    target.options.tls = TlsMode::kVerified;
    const Visit visit = run_one(std::move(target), feed, contexts);
    ASSERT_FALSE(visit.failure) << visit.failure->detail;
    EXPECT_EQ(visit.tls.ends_with("resumed"), expected);
    EXPECT_EQ(resumed, expected);
  }
  EXPECT_EQ(contexts.sessions(), 1u);
}

// A receiver that answers STARTTLS by `spoil` and is fine in clear, visited once with each mode.
// Opportunistic TLS goes on in clear, over a connection that has nothing of what was said before.
void expect_clear_only_when_opportunistic(const std::function<void(int fd)>& spoil,
                                          std::string_view cause) {
  for (const TlsMode mode : {TlsMode::kOpportunistic, TlsMode::kRequired}) {
    int visits = 0;
    ScriptedServer mx([&](int fd) {
      ++visits;
      send_text(fd, "220 mx\r\n");
      read_until(fd, "\r\n");
      send_text(fd, "250-mx\r\n250-PIPELINING\r\n250 STARTTLS\r\n");
      if (read_until(fd, "\r\n") == "STARTTLS\r\n") return spoil(fd);
      read_until(fd, "DATA\r\n");
      send_text(fd, "250 m\r\n250 r\r\n354 d\r\n");
      read_until(fd, "\r\n.\r\n");
      send_text(fd, "250 in clear\r\n");
    });
    ListFeed feed;
    feed.add("a@x.example");
    Target target = loopback(mx.port());
    target.options.tls = mode;
    const Visit visit = run_one(std::move(target), feed);
    mx.stop();
    if (mode == TlsMode::kRequired) {
      ASSERT_TRUE(visit.failure);
      EXPECT_EQ(visit.failure->cause, cause);
      EXPECT_EQ(visits, 1);
      EXPECT_TRUE(feed.outcomes.empty());
    } else {
      ASSERT_FALSE(visit.failure) << visit.failure->detail;
      ASSERT_EQ(feed.outcomes.size(), 1u);
      EXPECT_EQ(feed.outcomes[0].reply.text, "in clear");
      EXPECT_EQ(visits, 2);
    }
  }
}

TEST_F(TlsTest, AFailedHandshakeIsTriedInClearOnlyWhenOpportunistic) {
  const auto nonsense = [](int fd) {
    send_text(fd, "220 go\r\n");
    char hello[16];
    ::recv(fd, hello, sizeof hello, 0);
    send_text(fd, "this is no TLS\r\n");
  };
  expect_clear_only_when_opportunistic(nonsense, "tls-handshake");
}

// The injected bytes are a whole conversation that would take the message.
TEST_F(TlsTest, InjectedRepliesNeverReachTheSession) {
  const auto inject = [](int fd) {
    send_text(fd,
              "220 go\r\n250-evil\r\n250 PIPELINING\r\n250 m\r\n250 r\r\n354 d\r\n250 evil\r\n");
    read_until(fd, "never");
  };
  expect_clear_only_when_opportunistic(inject, "starttls-injection");
}

}  // namespace
}  // namespace hongyan::smtp::test
