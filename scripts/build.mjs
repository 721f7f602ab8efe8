/** `npm run build`: every package's `dist`; with `--tensor` the native addon as well. */

import { buildPackages, installPackages, prepareTensor } from './prepare.mjs'

installPackages()
buildPackages()
if (process.argv.includes('--tensor')) await prepareTensor()
