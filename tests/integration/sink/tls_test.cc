#include "sink/server.h"
#include "tests/integration/sink/raw_peer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>

#include <csignal>
#include <memory>

namespace hongyan::sink {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

// OpenSSL on the socket of a RawPeer, trusting exactly one certificate.
class TlsPeer {
 public:
  TlsPeer(RawPeer& peer, const std::string& trusted, SSL_SESSION* session = nullptr)
      : context_(SSL_CTX_new(TLS_client_method()), SSL_CTX_free) {
    std::signal(SIGPIPE, SIG_IGN);  // OpenSSL writes without MSG_NOSIGNAL
    const std::unique_ptr<BIO, int (*)(BIO*)> bio(
        BIO_new_mem_buf(trusted.data(), static_cast<int>(trusted.size())), BIO_free);
    const std::unique_ptr<X509, void (*)(X509*)> certificate(
        PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr), X509_free);
    X509_STORE_add_cert(SSL_CTX_get_cert_store(context_.get()), certificate.get());
    SSL_CTX_set_verify(context_.get(), SSL_VERIFY_PEER, nullptr);
    ssl_.reset(SSL_new(context_.get()));
    SSL_set1_host(ssl_.get(), "sink.hongyan.test");
    if (session != nullptr) SSL_set_session(ssl_.get(), session);
    SSL_set_fd(ssl_.get(), peer.fd());
    connected_ = SSL_connect(ssl_.get()) == 1;
  }
  bool connected() const { return connected_; }
  SSL* ssl() { return ssl_.get(); }
  std::string ask(std::string_view bytes) {
    SSL_write(ssl_.get(), bytes.data(), static_cast<int>(bytes.size()));
    char buffer[16384];
    const int n = SSL_read(ssl_.get(), buffer, sizeof buffer);
    return {buffer, static_cast<std::size_t>(std::max(n, 0))};
  }

 private:
  std::unique_ptr<SSL_CTX, void (*)(SSL_CTX*)> context_;
  std::unique_ptr<SSL, void (*)(SSL*)> ssl_{nullptr, SSL_free};
  bool connected_ = false;
};

TEST(SinkTls, StartTlsShowsTheCertificateAndForgetsWhatWasInjected) {
  auto server = Server::start({});
  ASSERT_TRUE(server);
  RawPeer peer((*server)->port());
  EXPECT_THAT(peer.reply(), StartsWith("220"));
  EXPECT_THAT(peer.ask("EHLO me\r\n"), StartsWith("250"));
  EXPECT_THAT(peer.ask("STARTTLS\r\nNOOP\r\nQUIT\r\n"), StartsWith("220"));
  TlsPeer tls(peer, (*server)->certificate_pem());
  ASSERT_TRUE(tls.connected());
  EXPECT_EQ(SSL_get_verify_result(tls.ssl()), X509_V_OK);
  const auto offers = tls.ask("EHLO me\r\n");
  EXPECT_THAT(offers, testing::AllOf(StartsWith("250-sink.hongyan.test"), HasSubstr("CHUNKING"),
                                     Not(HasSubstr("STARTTLS"))));
  EXPECT_THAT(tls.ask("MAIL FROM:<a@b>\r\nRCPT TO:<li@x>\r\nBDAT 2 LAST\r\nhi"), HasSubstr("kept"));
  EXPECT_EQ((*server)->statistics().tls, 1U);
  EXPECT_EQ((*server)->statistics().messages, 1U);
}

TEST(SinkTls, SessionsAreResumed) {
  auto server = Server::start({});
  ASSERT_TRUE(server);
  std::unique_ptr<SSL_SESSION, void (*)(SSL_SESSION*)> session(nullptr, SSL_SESSION_free);
  for (int i = 0; i < 2; ++i) {
    RawPeer peer((*server)->port());
    peer.reply();
    peer.ask("EHLO me\r\n");
    peer.ask("STARTTLS\r\n");
    TlsPeer tls(peer, (*server)->certificate_pem(), session.get());
    ASSERT_TRUE(tls.connected());
    tls.ask("NOOP\r\n");  // TLS 1.3 sends its tickets with the first data
    session.reset(SSL_get1_session(tls.ssl()));
    SSL_shutdown(tls.ssl());  // else OpenSSL holds the session for broken
  }
  EXPECT_EQ((*server)->statistics().tls, 2U);
  EXPECT_EQ((*server)->statistics().tls_resumed, 1U);
}

}  // namespace
}  // namespace hongyan::sink
