import { spawnSync } from 'node:child_process'

const find = `
import importlib.util, os, sys
spec = importlib.util.find_spec('torch')
sys.exit(spec is None or not os.path.exists(os.path.join(os.path.dirname(spec.origin), sys.argv[1])))
`

/** Whether there is a PyTorch to compare with, of those that have this file. Importing it to find out would take seconds. */
export const hasTorch = (file = '__init__.py'): boolean =>
  spawnSync('/usr/bin/python3', ['-c', find, file]).status === 0
