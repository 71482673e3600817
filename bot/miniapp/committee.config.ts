/**
 * Builds dist/ban-kiem-phieu.html: the page of committee and auditors as one file, which needs no
 * server and asks none. The same sources and lockfile give the same bytes.
 */

import { createHash } from "node:crypto";
import { defineConfig, type Plugin } from "vite";
import { sentences } from "./sentences.ts";

const FILE = "ban-kiem-phieu.html";

/** A trustee's server: that which gave the page out, or one that a file is told of (docs/decisions.md). */
const SERVERS = "connect-src 'self' https: http://localhost:* http://127.0.0.1:*";

/**
 * The page's script and styles inside the page, with a policy that allows these and nothing else.
 * Whom it may ask is narrowed to one server, or to none, before it asks. Workers are made from strings in the script, hence `blob:`.
 */
function single(): Plugin {
  return {
    name: "single",
    generateBundle: {
      order: "post", // after Vite itself is done with the script
      handler(_, bundle) {
        const outputs = Object.values(bundle);
        const page = outputs.find(({ fileName }) => fileName.endsWith(".html"));
        const chunks = outputs.filter((output) => output.type === "chunk");
        const assets = outputs.filter((output) => output.type === "asset" && output !== page);
        const [chunk] = chunks;
        if (page?.type !== "asset" || chunk === undefined || chunks.length > 1) {
          throw new Error(`this is no page of one script: ${outputs.map(({ fileName }) => fileName).join(", ")}`);
        }
        const script = quoted(chunk.code);
        const style = sourceOf(assets, ".css");
        const icon = Buffer.from(sourceOf(assets, ".svg")).toString("base64");
        const html = String(page.source)
          .replace(/\s*<script type="module".*?<\/script>|\s*<link rel="stylesheet".*?>/g, "")
          .replace(/(?<=<link rel="icon".*? href=")[^"]+/, `data:image/svg+xml;base64,${icon}`)
          .replace(/<meta charset="utf-8" \/>/, (charset) => `${charset}\n    ${policy(script, style)}`)
          .replace("</head>", () => `  <style>${style}</style>\n  </head>`)
          .replace("</body>", () => `  <script type="module">${script}</script>\n  </body>`);
        for (const { fileName } of outputs) delete bundle[fileName];
        this.emitFile({ type: "asset", fileName: FILE, source: html });
      },
    },
  };
}

/** What the only asset of a kind holds. */
function sourceOf(assets: readonly { fileName: string; type: string; source?: unknown }[], suffix: string): string {
  const [asset, ...others] = assets.filter(({ fileName }) => fileName.endsWith(suffix));
  if (asset === undefined || others.length > 0) throw new Error(`one ${suffix} is expected`);
  return String(asset.source);
}

/** The script as it may stand in a page: it ends at no string inside it. */
function quoted(script: string): string {
  const inside = script.replaceAll(/<(?=\/script)/gi, "\\x3c");
  if (inside.includes("__VITE_")) throw new Error("Vite has left something to do in the script");
  if (inside.includes("<!--")) throw new Error("the script has <!--, which a page reads as a comment");
  return inside;
}

function policy(script: string, style: string): string {
  const hash = (source: string) => `'sha256-${createHash("sha256").update(source).digest("base64")}'`;
  const rules = [
    "default-src 'none'",
    `script-src ${hash(script)}`,
    `style-src ${hash(style)}`,
    "img-src data:",
    "worker-src blob:",
    SERVERS,
    "base-uri 'none'",
    "form-action 'none'",
  ];
  return `<meta http-equiv="Content-Security-Policy" content="${rules.join("; ")}" />`;
}

export default defineConfig({
  base: "./",
  publicDir: false,
  logLevel: "warn",
  plugins: [sentences("committee"), single()],
  worker: { format: "iife" },
  build: {
    target: ["es2022", "chrome94", "safari15.4", "firefox100"],
    outDir: "dist",
    emptyOutDir: false, // it holds the other pages
    cssCodeSplit: false,
    modulePreload: false,
    rolldownOptions: { input: "committee.html", output: { codeSplitting: false } },
  },
});
