/** Path of the built console, for servers. Everything else in this folder runs in a browser. */

import { fileURLToPath } from 'node:url'

/** `index.html` and its assets. */
export const consoleFolder: string = fileURLToPath(new URL('../dist/app/', import.meta.url))
