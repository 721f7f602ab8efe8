// A worker thread does not inherit tsx: it registers it, then runs the program.
import { register } from 'tsx/esm/api'

register()
await import('./call-op.ts')
