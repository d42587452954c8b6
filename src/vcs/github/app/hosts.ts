/** Where one GitHub is: github.com, a GHE.com subdomain, or an Enterprise Server. */
export interface GithubHost {
  /** Where people look. */
  readonly webUrl: string;
  readonly apiUrl: string;
  /** Who signs the identity tokens of its jobs. */
  readonly issuer: string;
}

export const GITHUB_COM: GithubHost = {
  webUrl: "https://github.com",
  apiUrl: "https://api.github.com",
  issuer: "https://token.actions.githubusercontent.com",
};

const ADDRESS_CHARS_MAX = 250;
const LOOPBACK = /^(?:localhost|127\.0\.0\.1|\[::1\])$/;
/** Data residency: `acme.ghe.com`, with its API beside it. */
const GHE_COM = /^(?:api\.)?([a-z0-9-]+)\.ghe\.com$/;

/** The host that somebody means by `ghe.example.com`, by the address of a page, or by that of the API; or what is wrong with it. */
export function githubHost(address: string): GithubHost | string {
  const given = address.trim();
  if (given.length > ADDRESS_CHARS_MAX) return "It is too long for an address.";
  let url: URL;
  try {
    url = new URL(/^[a-z]+:\/\//i.test(given) ? given : `https://${given}`);
  } catch {
    return "It is no address; write it like github.example.com.";
  }
  if (url.username !== "" || url.password !== "") return "It must not hold a name or a password.";
  const { protocol, hostname, host } = url;
  if (protocol !== "https:" && !(protocol === "http:" && LOOPBACK.test(hostname))) {
    return "It has to be an https address: keys and tokens go there.";
  }
  if (/^(?:www\.|api\.)?github\.com$/.test(host)) return GITHUB_COM;
  const subdomain = GHE_COM.exec(host)?.[1];
  if (subdomain !== undefined && subdomain !== "api") {
    return {
      webUrl: `https://${subdomain}.ghe.com`,
      apiUrl: `https://api.${subdomain}.ghe.com`,
      issuer: `https://token.actions.${subdomain}.ghe.com`,
    };
  }
  const webUrl = `${protocol}//${host}`;
  return { webUrl, apiUrl: `${webUrl}/api/v3`, issuer: `${webUrl}/_services/token` };
}

/** Whether GitHub can reach this server: github.com takes no webhook address of somebody's own machine. */
export function canReach(host: GithubHost, serverUrl: string): boolean {
  const isHere = (url: string) => LOOPBACK.test(new URL(url).hostname);
  return !isHere(serverUrl) || isHere(host.webUrl);
}
