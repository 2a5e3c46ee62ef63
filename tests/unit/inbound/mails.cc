#include "tests/unit/inbound/mails.h"

#include "engine/config/bounce_rules.h"

#include <stdexcept>

namespace hongyan::inbound {

Reading read_mail(std::string_view mail, std::string_view arrived_for) {
  static const Reader reader = [] {
    auto book = config::load_bounce_rules();
    if (!book) throw std::runtime_error(book.error().front().sentence());
    auto made = answer::Classifier::create(std::move(*book));
    if (!made) throw std::runtime_error(made.error().front().sentence());
    return Reader(*made, [](std::string_view host) -> std::string_view {
      return host.ends_with("qq.com") ? "qq" : "";
    });
  }();
  return reader.read(mail, arrived_for);
}

std::string summary(const Reading& reading) {
  std::string lines;
  for (const Report& report : reading.reports) {
    lines.append(lines.empty() ? "" : "\n").append(kind_name(report.kind)).append(" ");
    lines.append(report.recipient).append(" ").append(report.status).append(" ");
    lines.append(answer::group_name(report.group));
  }
  return lines;
}

std::string notice(std::string_view from, std::string_view subject, std::string_view body) {
  std::string mail = "Return-Path: <>\nFrom: ";
  mail.append(from).append("\nTo: bounces+tag@mta.example\nSubject: ").append(subject);
  mail.append("\nMIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n\n").append(body);
  return mail;
}

std::string status_report(std::string_view fields, std::string_view words) {
  std::string mail =
      "Return-Path: <>\n"
      "From: Mail Delivery System <MAILER-DAEMON@mx.example>\n"
      "To: bounces+tag@mta.example\n"
      "Subject: Undelivered Mail Returned to Sender\n"
      "MIME-Version: 1.0\n"
      "Content-Type: multipart/report; report-type=delivery-status; boundary=\"=_1\"\n"
      "\n"
      "--=_1\nContent-Type: text/plain\n\n";
  mail.append(words).append("\n--=_1\nContent-Type: message/delivery-status\n\n");
  mail.append("Reporting-MTA: dns; mx.example\n\n").append(fields);
  mail.append(
      "\n--=_1\nContent-Type: message/rfc822\n\n"
      "Received: from mta.example by mx.example; Mon, 5 Jan 2026 08:00:00 +0800\n"
      "From: Shop <news@shop.example>\n"
      "To: li@shop.example\n"
      "Subject: Spring\n"
      "Message-ID: <j1.7@mta.example>\n"
      "\n"
      "Hello\n--=_1--\n");
  return mail;
}

}  // namespace hongyan::inbound
