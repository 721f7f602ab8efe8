// What the sidebar of the site shows, in both languages. A page that is not there in a language is left out.

export interface Group {
  readonly en: string
  readonly zh: string
  readonly open?: boolean
  readonly items: readonly (Entry | Group)[]
}

/** A page without its `.md`, and what it is called in each language. */
export interface Entry {
  readonly page: string
  readonly en: string
  readonly zh: string
}

const entry = (page: string, en: string, zh: string): Entry => ({ page, en, zh })

const serving: Group = {
  en: 'Serve',
  zh: '服务',
  items: [
    entry('serve', 'Serve', '启动服务'),
    entry('models', 'Models', '多个模型'),
    entry('console', 'Console', '控制台'),
    entry('gateway', 'Gateway', '网关'),
    entry('keys', 'Keys and usage', '密钥与用量'),
    entry('guard', 'Guard', '防护'),
    entry('security', 'Security', '安全'),
    entry('reliability', 'Reliability', '可靠性'),
    entry('scheduling', 'Scheduling', '调度'),
    entry('reload', 'Config', '配置文件'),
    entry('language', 'Language', '语言'),
    entry('coldstart', 'Cold start', '冷启动'),
    entry('observability', 'Observability', '可观测性'),
    entry('onnx-serving', 'ONNX models', 'ONNX 模型'),
    entry('batching', 'Batch any function', '批处理任意函数'),
  ],
}

const measuring: Group = {
  en: 'Measure and tune',
  zh: '测量与调优',
  items: [
    entry('bench', 'Bench', '压测'),
    entry('tune', 'Tune', '调优'),
    entry('simulate', 'Simulate', '模拟'),
    entry('prove', 'Prove', '证明'),
    entry('profiling', 'Profile a run', '剖析训练'),
    entry('profiling-server', 'Profile a server', '剖析服务器'),
  ],
}

const training: Group = {
  en: 'Train',
  zh: '训练',
  items: [
    entry('train', 'Train', '训练'),
    entry('training', 'From data to a served model', '从数据到服务'),
    entry('data', 'Data', '数据'),
    entry('lora', 'Adapters', '适配器'),
    entry('layer-rates', 'Rates by layer', '分层学习率'),
    entry('precision', 'Precision', '精度'),
    entry('checkpointing', 'Gradient checkpointing', '梯度检查点'),
    entry('memory', 'Memory', '内存'),
    entry('parallel', 'Several processes', '多进程'),
    entry('private-training', 'Private training', '隐私训练'),
    entry('quantization', 'Quantisation', '量化'),
    entry('image-text', 'Images and texts', '图像与文本'),
    entry('retrieve', 'Retrieve', '检索'),
    entry('classify', 'Classify', '分类'),
    entry('images', 'Images', '图像'),
    entry('export', 'Export', '导出'),
    entry('onnx', 'ONNX', 'ONNX'),
    entry('formats', 'Model files', '模型文件'),
    entry('tensor', 'Tensors', '张量'),
    entry('custom-operators', 'Operators', '自定义算子'),
  ],
}

const operating: Group = {
  en: 'Operate',
  zh: '运维',
  items: [
    entry('deploy', 'Deploy', '部署'),
    entry('deploy-training', 'Training in a cluster', '集群训练'),
    entry('monitor', 'Monitor', '监控'),
    entry('scale', 'Scale', '自动伸缩'),
    entry('scale-controller', 'The scaler', '伸缩控制器'),
    entry('scale-local', 'On one machine', '单机副本'),
    entry('scale-replay', 'Replay', '回放'),
    entry('doctor', 'Doctor', '诊断'),
    entry('doctor-explain', 'Explain a failure', '解释故障'),
  ],
}

/** The groups, in order. Reports and runbooks have sidebars of their own, made from their folders. */
export const groups: readonly Group[] = [
  {
    en: 'Start',
    zh: '开始',
    open: true,
    items: [
      entry('start', 'Start', '入门'),
      entry('features', 'What it does', '功能'),
      entry('measured', 'What was measured', '实测'),
      entry('compare', 'Compare', '比较'),
      entry('examples/index', 'Examples', '示例'),
    ],
  },
  { en: 'Guides', zh: '指南', open: true, items: [serving, measuring, training, operating] },
  {
    en: 'Concepts',
    zh: '概念',
    items: [
      entry('concepts/batching', 'Batching', '批处理'),
      entry('concepts/prefix-sharing', 'Prefix sharing', '前缀共享'),
      entry('concepts/private-training', 'Private training', '隐私训练'),
      entry('concepts/quantisation', 'Quantisation', '量化'),
    ],
  },
  {
    en: 'Recipes',
    zh: '配方',
    items: [
      entry('recipes/index', 'All recipes', '全部配方'),
      entry('recipes/fine-tune', 'fine-tune', 'fine-tune'),
      entry('recipes/nano', 'nano', 'nano'),
      entry('recipes/nano-deepseek', 'nano-deepseek', 'nano-deepseek'),
      entry('recipes/nano-4bit', 'nano-4bit', 'nano-4bit'),
      entry('recipes/quantized-images', 'quantized-images', 'quantized-images'),
      entry('recipes/private-images', 'private-images', 'private-images'),
      entry('recipes/private-text', 'private-text', 'private-text'),
      entry('recipes/emoji-clip', 'emoji-clip', 'emoji-clip'),
    ],
  },
  {
    en: 'Reference',
    zh: '参考',
    items: [
      entry('api', 'HTTP API', 'HTTP API'),
      entry('config', 'Config', '配置项'),
      entry('training-settings', 'Training settings', '训练设置'),
      entry('errors', 'Errors', '错误'),
      entry('metrics', 'Metrics', '指标'),
      entry('causes', 'Causes', '故障原因'),
      entry('doctor-checks', 'Doctor checks', '诊断检查'),
      entry('lint-rules', 'Lint rules', '清单规则'),
      entry('reference/index', 'TypeScript API', 'TypeScript API'),
      entry('runbooks/index', 'Runbooks', '运维手册'),
    ],
  },
  {
    en: 'Architecture',
    zh: '架构',
    items: [
      entry('architecture', 'Architecture', '架构'),
      entry('contributing', 'Contributing', '参与贡献'),
      entry('security-policy', 'Security policy', '安全策略'),
      entry('changelog', 'Changelog', '更新日志'),
    ],
  },
]

/** The sidebar of a language over the pages there are. */
export function sidebarOf(language: 'en' | 'zh', has: (page: string) => boolean): SidebarItem[] {
  const prefix = language === 'zh' ? 'zh/' : ''
  const item = (each: Entry | Group): SidebarItem[] => {
    const text = each[language]
    if ('page' in each) {
      const page = `${prefix}${each.page}`
      return has(page) ? [{ text, link: `/${page.replace(/(^|\/)index$/, '$1')}` }] : []
    }
    const items = each.items.flatMap(item)
    return items.length > 0 ? [{ text, items, collapsed: !each.open }] : []
  }
  return groups.flatMap(item)
}

/** As VitePress takes them. */
export interface SidebarItem {
  text: string
  link?: string
  items?: SidebarItem[]
  collapsed?: boolean
}

/** Every page that the groups name. */
export function namedPages(): string[] {
  const pages = (each: Entry | Group): string[] => ('page' in each ? [each.page] : each.items.flatMap(pages))
  return groups.flatMap(pages)
}
