/** Path of the built console, for servers. Everything else in this folder runs in a browser. */

import { fileURLToPath } from 'node:url'

/** `index.html` and what it loads. */
export const consoleFolder: string = fileURLToPath(new URL('../dist/app/', import.meta.url))
