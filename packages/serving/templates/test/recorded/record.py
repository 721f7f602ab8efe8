"""Records what Hugging Face's `apply_chat_template` renders, as the reference of the tests here.

    python3 packages/serving/templates/test/recorded/record.py [templates outputs.json]

Needs jinja2 3.1 (Debian: python3-jinja2). The environment is that of transformers' `_compile_jinja_template`, except that
`strftime_now` formats the date of `conversations.json`.
"""

import datetime
import json
import pathlib
import sys

import jinja2
import jinja2.ext
import jinja2.sandbox

here = pathlib.Path(__file__).parent
given = json.loads((here / "conversations.json").read_text())
date = datetime.datetime(*given["date"])


class Generation(jinja2.ext.Extension):
    tags = {"generation"}

    def parse(self, parser):
        line = next(parser.stream).lineno
        body = parser.parse_statements(["name:endgeneration"], drop_needle=True)
        return jinja2.nodes.CallBlock(self.call_method("_render"), [], [], body).set_lineno(line)

    def _render(self, caller):
        return caller()


def raise_exception(message):
    raise jinja2.exceptions.TemplateError(message)


def tojson(x, ensure_ascii=False, indent=None, separators=None, sort_keys=False):
    return json.dumps(x, ensure_ascii=ensure_ascii, indent=indent, separators=separators, sort_keys=sort_keys)


environment = jinja2.sandbox.ImmutableSandboxedEnvironment(
    trim_blocks=True, lstrip_blocks=True, extensions=[Generation, jinja2.ext.loopcontrols]
)
environment.filters["tojson"] = tojson
environment.globals["raise_exception"] = raise_exception
environment.globals["strftime_now"] = lambda form: date.strftime(form)


def record(source, variables):
    try:
        text = environment.from_string(source).render(**{"tools": None, "documents": None, **variables})
        return {"text": text}
    except jinja2.exceptions.TemplateSyntaxError:
        return {"error": "syntax"}
    except jinja2.exceptions.TemplateError as error:
        raised = type(error) is jinja2.exceptions.TemplateError
        return {"error": "raised", "message": str(error)} if raised else {"error": "runtime"}
    except Exception:
        return {"error": "runtime"}


templates = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else here / "templates"
outputs = pathlib.Path(sys.argv[2]) if len(sys.argv) > 2 else here / "outputs.json"
recorded = {}
for path in sorted(templates.glob("*.jinja")):
    source = path.read_text()
    recorded[path.stem] = {
        name: record(source, {**given["variables"], **variables})
        for name, variables in given["conversations"].items()
    }
outputs.write_text(json.dumps(recorded, ensure_ascii=False, indent=1, sort_keys=True) + "\n")
