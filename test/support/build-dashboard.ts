import { fileURLToPath } from "node:url";
import { build } from "vite";

/** Bundles the dashboard as it is released. */
export async function buildDashboard(webDir: string): Promise<void> {
  // Vitest says "test", and then the bundle would hold React's development build.
  const before = process.env["NODE_ENV"];
  process.env["NODE_ENV"] = "production";
  try {
    await build({
      configFile: fileURLToPath(new URL("../../src/web/vite.config.ts", import.meta.url)),
      mode: "production",
      logLevel: "error",
      build: { outDir: webDir, emptyOutDir: true },
    });
  } finally {
    // Other files run in this process.
    process.env["NODE_ENV"] = before;
  }
}
