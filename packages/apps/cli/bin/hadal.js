#!/usr/bin/env node
import { takeLanguage } from '@hadal/output/language'
import { startEarly } from '../dist/early-start.js'
import { loadMain } from '../dist/load-main.js'

const args = process.argv.slice(2)
const own = takeLanguage(args).args
startEarly(own)
const main = await loadMain(own[0])
process.exitCode = await main(args)
