#!/usr/bin/env node
import { startEarly } from '../dist/early-start.js'
import { loadMain } from '../dist/load-main.js'

const args = process.argv.slice(2)
startEarly(args)
const main = await loadMain(args[0])
process.exitCode = await main(args)
