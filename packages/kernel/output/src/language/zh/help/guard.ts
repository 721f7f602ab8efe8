/** Help in Chinese: of guard. */

import type { Texts } from '../../words.ts'

export const guardHelp: Texts = {
  'Check, evaluate, attack and train the prompt-attack guard.': '询问、评测、攻击和教导防止提示攻击的防护。',
  'Show how the guard handles a text, and why. `-` reads standard input; any bytes are accepted.':
    '防护会如何处理一段文本，为什么。`-` 读取标准输入，任何字节都可以。',
  'text to check, or - for standard input': '文本，或用 - 读取标准输入',
  'role of the text’s author': '是谁的话',
  'apply the policy of the key with this name': '如同此名称的密钥在请求，用于按密钥区分的策略',
  'policy to use instead of the configured one: default, strict, watch, guide or off':
    '代替配置中策略的策略：default、strict、watch、guide 或 off',
  'print the verdict as JSON': '以 JSON 打印结论',
  'allowed, including flagged or redacted': '放行，包括带标记或已替换的',
  'blocked, or answered with a canned reply': '阻止：拦截，或给出固定答复',
  'Evaluate the guard on labelled texts. Each source is held out from training.':
    '用带标签的文本评测防护，每条都由没有见过其来源的防护判断。',
  'JSONL files: {"text", "label": 1 for attacks or 0, "source", "lang"}':
    'JSONL 文件：{"text", "label" 攻击为 1，否则为 0, "source", "lang"}',
  'bundled texts, or verdict reviews from the console': 'Hadal 自带的，或人们在控制台中对结论的复核',
  'do not retrain; the texts are already held out': '不重新训练：防护没有见过这些文本',
  'additional JSONL files for training only': '一同用于训练、但不评测的 JSONL',
  'false-positive rate per language at which recall is reported': '每种语言显示召回率时的误报率',
  'recalibrate from a JSONL file of your benign texts': '用自己的无害文本（也是 JSONL）重新校准',
  'output file for the thresholds; set it as files.calibration in the policy':
    '写到哪里；在策略中以 files.calibration 指定',
  'write a report with ROC curves': '写出带 ROC 曲线的页面',
  'write only the ROC curves': '只写出 ROC 曲线',
  'write the result of each check for each text, as JSONL': '写出每项检查对每条文本的结论，JSONL 格式',
  'print JSON, or write it to a file': '打印 JSON，或写入文件',
  'use a GGUF embedding model instead of the built-in encoders': '用计算嵌入的 GGUF 模型比较，代替内置编码器',
  'Try to evade the guard with repeated queries, as a client could.':
    '像调用方那样反复询问，尝试让攻击通过防护。',
  'queries per attack': '每条攻击的询问次数',
  'JSONL of attacks to disguise': '要伪装的攻击，JSONL 格式',
  '25 bundled attacks': 'Hadal 自带的 25 条',
  'number of attacks to use, spread evenly over the file': '取其中多少条，均匀分布在文件中',
  'layers to attack separately as well; `-` for none': '另外单独攻击的层；不要：`-`',
  'all blocking layers': '所有会阻止文本的层',
  'part of the response visible to the attacker': '调用方能看到回答的哪些部分',
  'pause between queries of a client, for key budgets': '同一调用方两次询问的间隔，用于密钥的额度',
  'random seed of the run': '使运行可以重复',
  'number of successful disguises to print': '打印多少条通过的伪装',
  'write a report with evasion curves': '写出带规避曲线的页面',
  'write only the curves': '只写出曲线',
  'Train the classifier on your labelled texts in addition to the bundled ones.':
    '用自己的带标签文本与 Hadal 自带的文本一起训练分类器。',
  'output file for the weights; set it as files.classifier in the policy':
    '权重；在策略中以 files.classifier 指定',
  'train from scratch on these texts only, without bundled texts and weights':
    '只用这些文本从零训练：不用 Hadal 的文本和权重',
  'random seed of the training': '使训练可以重复',
  'Teach the guard a missed attack, so that similar texts are blocked.':
    '把通过了的攻击教给防护：此后与之相似的都会被阻止。',
  'attack text, or - for standard input': '攻击，或用 - 读取标准输入',
  'file of learnt attacks': '学到的内容写到这里',
  'files.attacks of the policy': '策略的 files.attacks',
  'JSONL of texts that must not be blocked, in addition to the bundled ones':
    '除 Hadal 自带的以外，不能被阻止的文本，JSONL 格式',
  'id shown in verdicts': '结论中的名称',
  'a generated id': '自动生成',
  'source of the attack': '来自哪里',
  'list learnt attacks': '学了什么',
  'forget a learnt attack': '不再阻止它',
  'Show the guard’s audit log, newest first.': '服务的防护做过什么：最新的在前。',
  'audit file': '审计',
  'audit.file of the policy': '策略的 audit.file',
  'start: a date or an age, such as 2026-11-29 or 2h': '日期，或多久以前：2026-11-29、2h',
  'end, in the same format': '同上',
  'only this action': '只看这些',
  'only entries of this key: name or id': '只看一个密钥：名称或 ID',
  'only entries with a finding of this layer': '只看此层有所发现的',
  'maximum number of entries': '最多多少条',
}
