// Debian's Chromium, without anything that talks to the network by itself.

import { chromium } from "playwright-core";

export function launch(options = {}) {
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run"],
    ...options,
  });
}
