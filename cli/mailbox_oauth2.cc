// oauth2-url and oauth2-token: a person signs in at the provider, and what comes of it is bound.
#include "base/text.h"
#include "cli/command.h"
#include "cli/mailbox_order.h"
#include "cli/mailbox_show.h"
#include "cli/output.h"
#include "cli/published.h"
#include "cli/secret_prompt.h"
#include "mailbox/account/account.h"
#include "mailbox/catalogue/catalogue.h"
#include "mailbox/oauth/sign_in.h"
#include "mailbox/vault/hkdf.h"

#include <iostream>
#include <memory>

namespace hongyan::cli {
namespace {

constexpr std::size_t kVerifierBytes = 32;

struct Options {
  Common common;
  std::string address, tenant, at, label, imap, smtp;
  std::string code, verifier;
  std::string redirect = "http://localhost/";
};

// Of the catalogue, unless given.
Result<std::string> issuer_of(const Options& options, const Address& address) {
  if (!options.at.empty()) return options.at;
  const auto catalogue = mailbox::Catalogue::built_in();
  const mailbox::Provider* provider = catalogue ? catalogue->by_domain(address.domain) : nullptr;
  if (provider != nullptr && !provider->oauth2_at.empty()) return provider->oauth2_at;
  return fail(Scope::kProcess, "no-sign-in",
              "it is not known where " + address.domain +
                  " signs in: --oauth2-at google, --oauth2-at microsoft");
}

int show_url(const Options& options) {
  const Common& common = options.common;
  const auto address = parse_address(options.address);
  if (!address) return refuse(common, kUsage, options.address + ": " + address.error().detail);
  const auto issuer = issuer_of(options, *address);
  if (!issuer) return refuse(common, kUsage, issuer.error().detail);
  auto session = Session::open(common);
  if (!session) return report_error(session.error(), common);
  const auto fleet = published_fleet(**session);
  if (!fleet) return report_error(fleet.error(), common);
  const config::OAuth2* known = nullptr;
  if (*fleet)
    if (const auto at = (*fleet)->oauth2.find(*issuer); at != (*fleet)->oauth2.end())
      known = &at->second;
  if (known == nullptr || known->client_id.empty() || known->authorization_url.empty())
    return refuse(common, kFailed,
                  "[oauth2." + *issuer +
                      "] has no client_id or authorization_url in the published configuration");
  const Secret random = vault::random_secret(kVerifierBytes);
  const oauth::Pkce pkce = oauth::make_pkce(random.reveal());
  const std::string url = oauth::sign_in_url({known->authorization_url,
                                              known->client_id,
                                              known->scope,
                                              options.redirect,
                                              address->normalised(),
                                              pkce.challenge,
                                              {}});
  if (common.json) {
    print_json(Json::object({{"ok", Json::boolean(true)},
                             {"url", Json::string(url)},
                             {"verifier", Json::string(pkce.verifier)},
                             {"redirect", Json::string(options.redirect)}}));
    return kDone;
  }
  std::cout << "Open in a browser:  " << url << "\nThe verifier:       " << pkce.verifier
            << "\nThen, with the code of the address the browser ends at:\n  hongyan mailbox "
               "oauth2-token "
            << address->normalised() << " --code CODE --verifier " << pkce.verifier
            << " --redirect " << options.redirect << '\n';
  return kDone;
}

int bind_code(const Options& options) {
  const Common& common = options.common;
  const auto parsed = parse_address(options.address);
  if (!parsed) return refuse(common, kUsage, options.address + ": " + parsed.error().detail);
  const std::string address = mailbox::account_key(parsed->normalised());
  auto session = Session::open(common);
  if (!session) return report_error(session.error(), common);
  const auto tenant = tenant_of(**session, options.tenant);
  if (!tenant) return refuse(common, kUsage, tenant.error().detail);
  const auto parts =
      Secret::take(to_json(Json::object({{"code", Json::string(options.code)},
                                         {"verifier", Json::string(options.verifier)},
                                         {"redirect", Json::string(options.redirect)}})));
  const auto text = seal_for_vault(**session, *tenant, address, parts);
  if (!text) return report_error(text.error(), common);
  const auto report = give_order(**session, "mailbox.bind",
                                 {{"mailbox", address},
                                  {"tenant", *tenant},
                                  {"secret", *text},
                                  {"label", options.label},
                                  {"imap", options.imap},
                                  {"smtp", options.smtp},
                                  {"auth", "xoauth2"},
                                  {"grant", "code"},
                                  {"oauth2_at", options.at}});
  if (!report) return report_error(report.error(), common);
  return tell_order(*report, address, common, language_of_environment());
}

CLI::App* add(CLI::App& mailbox, Options& options, const char* name, const char* what) {
  CLI::App* command = mailbox.add_subcommand(name, what);
  command->add_option("ADDRESS", options.address, "the mailbox")->required();
  command->add_option(
      "--oauth2-at", options.at,
      "the [oauth2.NAME] where the mailbox signs in, when the provider does not say");
  command
      ->add_option("--redirect", options.redirect,
                   "where the browser is sent afterwards, as it is registered")
      ->capture_default_str();
  add_common(*command, options.common);
  return command;
}

}  // namespace

void add_mailbox_oauth2(CLI::App& mailbox, int& exit_code) {
  const auto url = std::make_shared<Options>();
  CLI::App* command =
      add(mailbox, *url, "oauth2-url",
          "Where a person signs in so that a mailbox can be bound without password");
  command->footer("Example:\n  hongyan mailbox oauth2-url lily@gmail.com");
  command->callback([url, &exit_code] { exit_code = show_url(*url); });

  const auto token = std::make_shared<Options>();
  command = add(mailbox, *token, "oauth2-token",
                "Exchange the code of a sign-in for a refresh token, and bind the mailbox");
  command->add_option("--code", token->code, "what the provider gave: `code` of the redirect")
      ->required();
  command->add_option("--verifier", token->verifier, "what oauth2-url has printed")->required();
  command->add_option("--tenant", token->tenant, "whose it is; not needed when there is one");
  command->add_option("--label", token->label, "a name for people");
  command->add_option("--imap", token->imap, "as for bind");
  command->add_option("--smtp", token->smtp, "as for bind");
  command->footer(
      "Example:\n  hongyan mailbox oauth2-token lily@gmail.com --code 4/0AX4XfWh --verifier "
      "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk");
  command->callback([token, &exit_code] {
    forbid_core_dumps();
    exit_code = bind_code(*token);
  });
}

}  // namespace hongyan::cli
