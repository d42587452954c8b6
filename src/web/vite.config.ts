import { fileURLToPath } from "node:url";
import react from "@vitejs/plugin-react";
import { defineConfig, loadEnv } from "vite";

const ROOT = fileURLToPath(new URL(".", import.meta.url));
const REPOSITORY = fileURLToPath(new URL("../..", import.meta.url));
const packageFile = (path: string): string => `${REPOSITORY}node_modules/${path}`;

export default defineConfig(({ mode }) => {
  const env = loadEnv(mode, REPOSITORY, "TERRANE_");
  return {
    root: ROOT,
    cacheDir: `${REPOSITORY}.cache/vite-web`,
    plugins: [react()],
    resolve: {
      alias: {
        // The browser build of this package decodes entities through `innerHTML`, which Trusted Types refuse.
        "decode-named-character-reference": packageFile(
          "decode-named-character-reference/index.js",
        ),
      },
    },
    build: {
      outDir: `${REPOSITORY}dist/web`,
      emptyOutDir: true,
      // The oldest browsers that know `light-dark()`.
      target: ["chrome123", "firefox120", "safari17.5"],
      // A data: URL in a style sheet or script would need a wider Content-Security-Policy.
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
    },
    server: {
      host: "127.0.0.1",
      proxy: { "/api": env["TERRANE_DEV_API"] ?? "http://127.0.0.1:8080" },
    },
  };
});
