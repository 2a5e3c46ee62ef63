#include "engine/smtp/deliver.h"

#include "base/text.h"
#include "cli/command.h"

#include <boost/json.hpp>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <iterator>
#include <memory>
#include <string>
#include <unistd.h>

namespace hongyan::cli {
namespace {

// To standard error, so that standard output stays one line per recipient.
class PrintedTrace final : public smtp::Trace {
 public:
  void sent(std::string_view line) override { print("C: ", line); }
  void received(std::string_view line) override { print("S: ", line); }
  void note(std::string_view what) override { print("*  ", what); }

 private:
  static void print(const char* who, std::string_view line) {
    std::cerr << who << escape_control(line) << '\n';
  }
};

struct Flags {
  smtp::DeliverRequest request;
  std::string recipients;
  std::string tls = "opportunistic";
  std::string user;
  std::string file;
  bool trace = false;
  bool json = false;
};

std::string own_name() {
  char name[256] = {};
  if (::gethostname(name, sizeof name - 1) != 0 || name[0] == '\0') return "localhost";
  return name;
}

std::string_view word(smtp::Verdict verdict) {
  if (verdict == smtp::Verdict::kDelivered) return "delivered";
  return verdict == smtp::Verdict::kBounced ? "failed" : "deferred";
}

std::string reply_text(const smtp::RecipientOutcome& outcome) {
  std::string text;
  if (outcome.reply.code != 0) text = std::to_string(outcome.reply.code);
  for (const std::string* part : {&outcome.reply.enhanced, &outcome.reply.text}) {
    if (!text.empty() && !part->empty()) text += ' ';
    text += *part;
  }
  if (outcome.cause.empty()) return text;
  return text.empty() ? outcome.cause : text + " (" + outcome.cause + ")";
}

int complain(std::string_view what, int code) {
  std::cerr << "hongyan deliver: " << escape_control(what) << '\n';
  return code;
}

int run(Flags& flags) {
  smtp::DeliverRequest& request = flags.request;
  const auto mode = smtp::parse_tls_mode(flags.tls);
  if (!mode) return complain("--tls is one of off, opportunistic, required, verified", kUsage);
  request.options.tls = *mode;
  if (request.port == smtp::kImplicitTlsPort) request.options.implicit_tls = true;
  if (request.options.implicit_tls && *mode == smtp::TlsMode::kOff)
    return complain("TLS from the first byte (port 465) and --tls off contradict each other",
                    kUsage);
  if (request.options.implicit_tls && *mode == smtp::TlsMode::kOpportunistic)
    request.options.tls = smtp::TlsMode::kRequired;
  for (const std::string_view address : split(flags.recipients, ','))
    if (!trim_blanks(address).empty()) request.recipients.emplace_back(trim_blanks(address));
  if (!flags.user.empty()) {
    const char* password = std::getenv("HONGYAN_PASSWORD");
    if (password == nullptr) return complain("--user needs HONGYAN_PASSWORD", kUsage);
    request.options.auth = smtp::Credentials{flags.user, password};
  }
  std::ifstream file;
  if (flags.file != "-") {
    file.open(flags.file, std::ios::binary);
    if (!file) return complain("cannot read " + flags.file, kUsage);
  }
  std::istream& input = flags.file == "-" ? std::cin : file;
  auto content = smtp::normalise_content(std::string(std::istreambuf_iterator<char>(input), {}));
  if (!content) return complain(flags.file + ": " + content.error().detail, kFailed);
  request.content = std::move(*content);
  PrintedTrace trace;
  if (flags.trace) request.options.trace = &trace;

  const auto outcomes = smtp::deliver(request);
  if (!outcomes) return complain(outcomes.error().detail, kUsage);
  boost::json::array rows;
  for (std::size_t i = 0; i < outcomes->size(); ++i) {
    const smtp::RecipientOutcome& outcome = (*outcomes)[i];
    const std::string address = escape_control(request.recipients[i]);
    const std::string reply = escape_control(reply_text(outcome));
    if (flags.json) {
      rows.push_back({{"address", address}, {"outcome", word(outcome.verdict)}, {"reply", reply}});
    } else {
      std::cout << address << '\t' << word(outcome.verdict) << '\t' << reply << '\n';
    }
  }
  if (flags.json) std::cout << boost::json::serialize(rows) << '\n';
  const auto is = [](smtp::Verdict verdict) {
    return [verdict](const smtp::RecipientOutcome& outcome) { return outcome.verdict == verdict; };
  };
  if (std::ranges::any_of(*outcomes, is(smtp::Verdict::kBounced))) return kFailed;
  return std::ranges::all_of(*outcomes, is(smtp::Verdict::kDelivered)) ? kDone : kTryLater;
}

}  // namespace

void add_deliver(CLI::App& app, int& exit_code) {
  auto flags = std::make_shared<Flags>();
  flags->request.options.ehlo_name = own_name();
  CLI::App* command =
      app.add_subcommand("deliver", "Hand one message to one receiver and show what it says");
  command->add_option("--host", flags->request.host, "IP address of the receiver, or localhost")
      ->required();
  command->add_option("--port", flags->request.port, "TCP port")->capture_default_str();
  command->add_option("--source", flags->request.source, "Local address to connect from");
  command->add_option("--proxy", flags->request.proxy,
                      "Outbound proxy, IP:PORT, that connects from --source (PROXY protocol)");
  command->add_option("--from", flags->request.sender, "Envelope sender; empty for <>")->required();
  command->add_option("--rcpt", flags->recipients, "Recipients, separated by commas")->required();
  command->add_option("--helo", flags->request.options.ehlo_name, "Name to say in EHLO")
      ->capture_default_str();
  command->add_option("--tls", flags->tls, "off, opportunistic, required or verified")
      ->capture_default_str();
  command->add_flag("--implicit-tls", flags->request.options.implicit_tls,
                    "TLS from the first byte, without STARTTLS; always so on port 465");
  command->add_option("--ca-file", flags->request.ca_file, "Trusted roots (PEM) for verified");
  command->add_option("--user", flags->user, "AUTH user; the password is in HONGYAN_PASSWORD");
  command->add_flag("--trace", flags->trace, "Show the dialogue on standard error");
  command->add_flag("--json", flags->json, "One JSON array instead of lines");
  command->add_option("FILE", flags->file, "The message, or - for standard input")->required();
  command->footer(
      "Prints ADDRESS<TAB>delivered|deferred|failed<TAB>REPLY for each recipient.\n"
      "Exit: 0 all delivered, 1 any failed, 75 otherwise.\n\n"
      "Example:\n  hongyan deliver --host 127.0.0.1 --port 2525 --from me@acme.example \\\n"
      "    --rcpt li@example.cn --trace message.eml");
  command->callback([flags, &exit_code] { exit_code = run(*flags); });
}

}  // namespace hongyan::cli
