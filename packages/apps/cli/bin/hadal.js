#!/usr/bin/env node
import { startEarly } from '../dist/early-start.js'
import { takeLanguage } from '../dist/language/language.js'
import { loadMain } from '../dist/load-main.js'

const args = process.argv.slice(2)
const own = takeLanguage(args).args
startEarly(own)
const main = await loadMain(own[0])
process.exitCode = await main(args)
