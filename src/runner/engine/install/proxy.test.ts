import { expect, test } from "vitest";
import { proxyFor } from "./proxy.ts";

const SITE = "https://releases.example.com/terraform/";
const PROXY = "http://proxy.example.com:3128/";

function chosen(url: string, env: Readonly<Record<string, string>>): string {
  const choice = proxyFor(new URL(url), env);
  return choice.kind === "proxy" ? choice.url.href : choice.kind;
}

test.each<[string, string, Readonly<Record<string, string>>, string]>([
  ["nothing is said", SITE, {}, "direct"],
  ["it is empty", SITE, { HTTPS_PROXY: "" }, "direct"],
  ["it is named in upper case", SITE, { HTTPS_PROXY: PROXY }, PROXY],
  ["both cases differ", SITE, { HTTPS_PROXY: "http://other:1", https_proxy: PROXY }, PROXY],
  ["it has no scheme", SITE, { HTTPS_PROXY: "proxy.example.com:3128" }, PROXY],
  ["it is another scheme's", SITE, { HTTP_PROXY: PROXY }, "direct"],
  ["the address is not encrypted", "http://mirror/x", { HTTP_PROXY: PROXY }, PROXY],
  ["it is no address", SITE, { HTTPS_PROXY: "http://" }, "unusable"],
  ["it is of another kind", SITE, { HTTPS_PROXY: "socks5://proxy:1080" }, "unusable"],
])("by the environment, where %s", (_, url, env, proxy) => {
  expect(chosen(url, env)).toBe(proxy);
});

test.each([
  ["*", "direct"],
  ["releases.example.com", "direct"],
  ["RELEASES.example.com", "direct"],
  ["example.com", "direct"],
  [".example.com", "direct"],
  ["*.example.com", "direct"],
  ["localhost, example.com", "direct"],
  ["localhost example.com", "direct"],
  ["example.com:443", "direct"],
  ["example.com:8443", PROXY],
  ["ample.com", PROXY],
  ["releases.example.com.evil", PROXY],
  ["", PROXY],
  [",,", PROXY],
])("NO_PROXY %j", (exempt, proxy) => {
  expect(chosen(SITE, { HTTPS_PROXY: PROXY, NO_PROXY: exempt })).toBe(proxy);
});

test("an address of the sixth version is exempt with and without its brackets", () => {
  for (const exempt of ["::1", "[::1]", "[::1]:8443"]) {
    const env = { HTTPS_PROXY: PROXY, no_proxy: exempt };
    expect(chosen("https://[::1]:8443/x", env)).toBe("direct");
  }
});
