/**
 * `npm run build`: every package's `dist`; with `--tensor` the native addon as well; with `--no-install` nothing is installed first;
 * with `--compile` programs and the console are not bundled.
 */

import { buildPackages, compilePackages, installPackages, prepareTensor } from './prepare.mjs'

if (!process.argv.includes('--no-install')) installPackages()
if (process.argv.includes('--compile')) compilePackages()
else buildPackages()
if (process.argv.includes('--tensor')) await prepareTensor()
