#include "http/client.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <unistd.h>

#include <thread>

#include "base/fd.h"
#include "http/exchange.h"
#include "scripted_server.h"

namespace ktl::http {
namespace {

std::string answer(const std::string& head, const std::string& body = "") {
  return "HTTP/1.1 " + head +
         "\r\nConnection: close\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" +
         body;
}

TEST(HttpClient, GivesStatusHeadersAndBody) {
  ScriptedServer server({answer("404 Not Found\r\nX-Thing:  a value \r\nx-thing: second", "no")});
  Request request;
  request.url = server.url("/v2/?q=1");
  request.headers = {{"Accept", "a/b"}, {"Accept", "c/d"}};
  auto response = Client().send(request);
  ASSERT_TRUE(response.ok()) << response.status().message();
  EXPECT_EQ(response->status, 404);
  EXPECT_FALSE(response->ok());
  EXPECT_EQ(response->header("x-thing"), "a value");
  EXPECT_EQ(response->body, "no");
  std::string sent = server.requests().at(0);
  EXPECT_TRUE(sent.starts_with("GET /v2/?q=1 HTTP/1.1\r\n")) << sent;
  EXPECT_NE(sent.find("Accept: a/b\r\nAccept: c/d\r\n"), std::string::npos) << sent;
}

TEST(HttpClient, GoesToThisMachineByNoNameWhereItMayNot) {
  ScriptedServer server({answer("200 OK"), answer("200 OK")});
  Request request;
  request.far_only = true;
  const std::string port = server.url("").substr(server.url("").rfind(':'));
  for (const char* host : {"127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]"}) {
    request.url = "http://" + std::string(host) + port + "/";
    EXPECT_EQ(Client().send(request).status().code(), Code::kPermissionDenied) << host;
  }
  EXPECT_TRUE(server.requests().empty());
  request.far_only = false;
  request.url = server.url("/");
  EXPECT_TRUE(Client().send(request).ok());
}

TEST(HttpClient, MakesNoSocketForWhatANameTurnsOutToBe) {
  const CurlLibrary library{};
  const Request request;
  Exchange exchange{library, request};
  curl_sockaddr address{AF_INET, SOCK_STREAM, 0, sizeof(sockaddr_in), {}};
  auto& v4 = reinterpret_cast<sockaddr_in&>(address.addr);
  v4.sin_family = AF_INET;
  v4.sin_addr.s_addr = htonl(0xA9FEA9FE);  // 169.254.169.254
  EXPECT_EQ(on_far_socket(&exchange, CURLSOCKTYPE_IPCXN, &address), CURL_SOCKET_BAD);
  EXPECT_EQ(exchange.failure.code(), Code::kPermissionDenied);
  v4.sin_addr.s_addr = htonl(0xC0000201);  // 192.0.2.1
  EXPECT_TRUE(UniqueFd(on_far_socket(&exchange, CURLSOCKTYPE_IPCXN, &address)).valid());
}

TEST(HttpClient, SendsAFileFromTheOffsetGiven) {
  ScriptedServer server({answer("201 Created")});
  UniqueFd file(::memfd_create("body", MFD_CLOEXEC));
  ASSERT_TRUE(write_all(file.get(), "skip this:payload").ok());
  int64_t reported = 0;
  Request request;
  request.method = "PUT";
  request.url = server.url("/up");
  request.body_fd = file.get();
  request.body_offset = 10;
  request.body_size = 7;
  request.on_sent = [&](int64_t sent) { reported = sent; };
  auto response = Client().send(request);
  ASSERT_TRUE(response.ok()) << response.status().message();
  EXPECT_EQ(response->status, 201);
  EXPECT_EQ(reported, 7);
  EXPECT_TRUE(server.requests().at(0).ends_with("\r\n\r\npayload"));
}

TEST(HttpClient, AFileThatBecameShorterIsAnError) {
  ScriptedServer server({"hang"});
  UniqueFd file(::memfd_create("body", MFD_CLOEXEC));
  Request request;
  request.method = "PUT";
  request.url = server.url("/up");
  request.body_fd = file.get();
  request.body_size = 7;
  EXPECT_EQ(Client().send(request).status().code(), Code::kDataLoss);
}

TEST(HttpClient, SendsAnEmptyPostWithItsLength) {
  ScriptedServer server({answer("202 Accepted")});
  Request request;
  request.method = "POST";
  request.url = server.url("/");
  ASSERT_TRUE(Client().send(request).ok());
  EXPECT_NE(server.requests().at(0).find("Content-Length: 0\r\n"), std::string::npos);
}

TEST(HttpClient, FollowsNoRedirect) {
  ScriptedServer server({answer("307 Temporary Redirect\r\nLocation: /else")});
  Request request;
  request.url = server.url("/");
  auto response = Client().send(request);
  ASSERT_TRUE(response.ok());
  EXPECT_EQ(response->status, 307);
  EXPECT_EQ(response->header("location"), "/else");
  EXPECT_EQ(server.requests().size(), 1U);
}

TEST(HttpClient, BoundsTheBodyAndTheHeaders) {
  ScriptedServer server({answer("200 OK", std::string(2000, 'x')),
                         answer("200 OK\r\nX: " + std::string(70'000, 'y'))});
  Request request;
  request.url = server.url("/");
  request.response_limit = 1999;
  Client client;
  EXPECT_EQ(client.send(request).status().code(), Code::kResourceExhausted);
  EXPECT_EQ(client.send(request).status().code(), Code::kResourceExhausted);
}

TEST(HttpClient, WritesGoodBodiesToTheSinkAndKeepsErrors) {
  ScriptedServer server({answer("200 OK", "content"), answer("403 Forbidden", "why")});
  UniqueFd sink(::memfd_create("sink", MFD_CLOEXEC));
  Request request;
  request.url = server.url("/");
  request.sink_fd = sink.get();
  Client client;
  EXPECT_EQ(client.send(request)->body, "");
  EXPECT_EQ(client.send(request)->body, "why");
  ::lseek(sink.get(), 0, SEEK_SET);
  EXPECT_EQ(*read_all(sink.get(), 100), "content");
}

TEST(HttpClient, StopsAtOnceWhenCancelled) {
  ScriptedServer server({"hang"});
  UniqueFd cancel(::eventfd(0, EFD_CLOEXEC));
  std::thread later([&] {
    ::usleep(50'000);
    uint64_t one = 1;
    EXPECT_EQ(::write(cancel.get(), &one, sizeof(one)), static_cast<ssize_t>(sizeof(one)));
  });
  Request request;
  request.url = server.url("/");
  auto before = std::chrono::steady_clock::now();
  EXPECT_EQ(Client(cancel.get()).send(request).status().code(), Code::kCancelled);
  EXPECT_LT(std::chrono::steady_clock::now() - before, std::chrono::milliseconds(900));
  later.join();
}

TEST(HttpClient, KeepsToItsTimeout) {
  ScriptedServer server({"hang"});
  Request request;
  request.url = server.url("/");
  request.timeout_ms = 100;
  EXPECT_EQ(Client().send(request).status().code(), Code::kDeadlineExceeded);
}

TEST(HttpClient, NamesTheServerThatDoesNotAnswer) {
  std::string url;
  {
    url = ScriptedServer({}).url("/");
  }
  Request request;
  request.url = url;
  auto status = Client().send(request).status();
  EXPECT_EQ(status.code(), Code::kUnavailable);
  EXPECT_TRUE(status.message().starts_with(url.substr(0, url.size() - 1))) << status.message();
}

TEST(HttpClient, RefusesHeadersWithLineBreaks) {
  Request request;
  request.url = "http://127.0.0.1:1/";
  request.headers = {{"A", "b\r\nC: d"}};
  EXPECT_EQ(Client().send(request).status().code(), Code::kInvalidArgument);
}

TEST(HttpClient, AsksNoProxyForLoopback) {
  ScriptedServer server({answer("200 OK", "direct")});
  ::setenv("http_proxy", "http://127.0.0.1:1", 1);
  Request request;
  request.url = server.url("/");
  auto response = Client().send(request);
  ::unsetenv("http_proxy");
  ASSERT_TRUE(response.ok()) << response.status().message();
  EXPECT_EQ(response->body, "direct");
}

}  // namespace
}  // namespace ktl::http
