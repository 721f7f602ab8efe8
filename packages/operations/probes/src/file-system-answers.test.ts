import { expect, it } from 'vitest'
import { fileSystemAnswers, isRemote } from './file-system-answers.ts'

const onPosix = it.skipIf(process.platform === 'win32')

const mounts = `/dev/vda / ext4 rw 0 0
server:/x /data nfs4 rw 0 0
tmpfs /data/fast tmpfs rw 0 0
host:/y /with\\040space fuse.sshfs rw 0 0
`

it.each([
  ['/data/models/m.gguf', true],
  ['/data', true],
  ['/database/m.gguf', false],
  ['/data/fast/m.gguf', false],
  ['/with space/m', true],
  ['/home/m.gguf', false],
])('%s lies on a network file system: %s', (path, expected) => {
  expect(isRemote(path, mounts)).toBe(expected)
})

it('a local path is not probed', async () => {
  expect(await fileSystemAnswers('/home/x', { mounts, scout: ['hadal-no-such-program'] })).toBe(true)
})

onPosix(
  'whoever does not come back tells that it does not answer; whoever finds nothing, that it does',
  async () => {
    const silent = ['sh', '-c', 'trap "" TERM; sleep 60']
    expect(await fileSystemAnswers('/data/x', { mounts, scout: silent, limitMillis: 200 })).toBe(false)
    expect(await fileSystemAnswers('/data/hadal-is-not-there', { mounts })).toBe(true)
  },
)
