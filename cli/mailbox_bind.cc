// bind and update-password: what the provider wants is said first, then the secret is asked for and
// leaves this program only sealed.
#include "base/text.h"
#include "cli/command.h"
#include "cli/mailbox_order.h"
#include "cli/mailbox_show.h"
#include "cli/output.h"
#include "cli/secret_prompt.h"
#include "mailbox/account/account.h"
#include "mailbox/catalogue/secret.h"
#include "mailbox/vault/record.h"

#include <iostream>
#include <memory>
#include <unistd.h>

namespace hongyan::cli {
namespace {

struct Options {
  Common common;
  std::string op;
  std::string address;
  std::string tenant;
  std::string label;
  std::string expires;
  std::string imap, smtp;
  bool oauth2 = false;
  std::string oauth2_at;
  bool from_stdin = false;
};

bool is_terminal() {
  return isatty(STDIN_FILENO) != 0;
}

// True: to be tried although its form cannot be right.
bool insists(const Bilingual& warning, bool from_stdin, Language language) {
  std::cerr << warning.in(language) << '\n';
  if (from_stdin || !is_terminal()) return true;
  std::cerr << (language == Language::kChinese ? "仍要尝试吗？[y/N] "
                                               : "Try it all the same? [y/N] ");
  std::string line;
  std::getline(std::cin, line);
  return line == "y" || line == "Y";
}

int bind(const Options& options) {
  const Common& common = options.common;
  const Language language = language_of_environment();
  const auto parsed = parse_address(options.address);
  if (!parsed) return refuse(common, kUsage, options.address + ": " + parsed.error().detail);
  const std::string address = mailbox::account_key(parsed->normalised());
  const auto catalogue = mailbox::Catalogue::built_in();
  if (!catalogue) return refuse(common, kFailed, catalogue.error().front().sentence());
  const mailbox::Provider* provider = catalogue->by_domain(parsed->domain);
  auto session = Session::open(common);
  if (!session) return report_error(session.error(), common);
  const auto tenant = tenant_of(**session, options.tenant);
  if (!tenant) return refuse(common, kUsage, tenant.error().detail);

  const bool asks = !options.from_stdin && is_terminal();
  if (provider != nullptr && asks)
    print_setup(std::cerr, catalogue->setup_of(*provider), provider->oauth2, language);
  const std::string called = provider == nullptr
                                 ? "Password or authorization code"
                                 : catalogue->setup_of(*provider).secret.called.in(language);
  const auto pasted =
      read_secret(called + " (" + escape_control(address) + "): ", vault::kMostSecretBytes);
  if (!pasted) return refuse(common, kUsage, pasted.error().detail);
  if (provider != nullptr && !options.oauth2) {
    const mailbox::NormalisedSecret normal =
        mailbox::normalise_secret(catalogue->setup_of(*provider), pasted->reveal());
    if (!normal.warning.empty() && !insists(normal.warning, options.from_stdin, language))
      return refuse(common, kFailed, "nothing was tried");
  }
  const auto text = seal_for_vault(**session, *tenant, address, *pasted);
  if (!text) return report_error(text.error(), common);
  if (asks && !common.json)
    std::cerr << (language == Language::kChinese ? "正在登录……\n" : "Logging in ...\n");
  const auto report = give_order(**session, options.op,
                                 {{"mailbox", address},
                                  {"tenant", *tenant},
                                  {"secret", *text},
                                  {"label", options.label},
                                  {"expires", options.expires},
                                  {"imap", options.imap},
                                  {"smtp", options.smtp},
                                  {"auth", options.oauth2 ? "xoauth2" : ""},
                                  {"oauth2_at", options.oauth2_at}});
  if (!report) return report_error(report.error(), common);
  return tell_order(*report, address, common, language);
}

void add(CLI::App& mailbox, int& exit_code, const char* name, const char* what, const char* example,
         const char* op) {
  CLI::App* command = mailbox.add_subcommand(name, what);
  const auto options = std::make_shared<Options>();
  options->op = op;
  command->add_option("ADDRESS", options->address, "the mailbox")->required();
  command->add_option("--tenant", options->tenant, "whose it is; not needed when there is one");
  command->add_flag("--password-stdin", options->from_stdin,
                    "the secret comes by standard input; otherwise it is asked for");
  command->add_option("--label", options->label, "a name for people");
  command->add_option("--expires", options->expires,
                      "the day the code ends, as the provider shows it: 2027-05-20");
  command->add_option("--imap", options->imap,
                      "servers of an unknown provider: 'HOST:993 implicit', 'HOST:143 starttls'");
  command->add_option("--smtp", options->smtp,
                      "likewise: 'HOST:465 implicit', 'HOST:587 starttls'");
  command->add_flag("--oauth2", options->oauth2,
                    "the secret is an OAuth2 refresh token (hongyan mailbox oauth2-url)");
  command->add_option(
      "--oauth2-at", options->oauth2_at,
      "the [oauth2.NAME] where the mailbox signs in, when the provider does not say");
  add_common(*command, options->common);
  command->footer(std::string("Example:\n  ") + example);
  command->callback([options, &exit_code] {
    forbid_core_dumps();
    options->oauth2 = options->oauth2 || !options->oauth2_at.empty();
    exit_code = bind(*options);
  });
}

}  // namespace

void add_mailbox_bind(CLI::App& mailbox, int& exit_code) {
  add(mailbox, exit_code, "bind",
      "Bind a mailbox: log in to IMAP and SMTP once, keep the secret sealed",
      "hongyan mailbox bind lily@163.com --label 'Lily, sales'", "mailbox.bind");
  add(mailbox, exit_code, "update-password", "Give a bound mailbox its new code",
      "hongyan mailbox update-password lily@163.com", "mailbox.update-password");
}

}  // namespace hongyan::cli
