/** `npm run build`: every package's `dist`; with `--tensor` the native addon as well; with `--no-install` nothing is installed first. */

import { buildPackages, installPackages, prepareTensor } from './prepare.mjs'

if (!process.argv.includes('--no-install')) installPackages()
buildPackages()
if (process.argv.includes('--tensor')) await prepareTensor()
