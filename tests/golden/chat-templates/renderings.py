# Renders every template with every context by Jinja itself and prints the digests that the test compares.
# usage: python3 renderings.py TEMPLATE_DIRECTORY > renderings.json   (Jinja2 3.1.6; set up as transformers does)
import hashlib, json, pathlib, sys
from datetime import datetime

import jinja2
import jinja2.ext
from jinja2.sandbox import ImmutableSandboxedEnvironment


class Generation(jinja2.ext.Extension):
    tags = {"generation"}

    def parse(self, parser):
        line = next(parser.stream).lineno
        body = parser.parse_statements(["name:endgeneration"], drop_needle=True)
        return jinja2.nodes.CallBlock(self.call_method("_body"), [], [], body).set_lineno(line)

    def _body(self, caller):
        return caller()


class Refused(Exception):
    pass


def refuse(message):
    raise Refused(message)


def tojson(value, ensure_ascii=False, indent=None, separators=None, sort_keys=False):
    return json.dumps(value, ensure_ascii=ensure_ascii, indent=indent, separators=separators, sort_keys=sort_keys)


environment = ImmutableSandboxedEnvironment(
    trim_blocks=True, lstrip_blocks=True, extensions=[Generation, jinja2.ext.loopcontrols])
environment.filters["tojson"] = tojson
environment.filters["from_json"] = json.loads
environment.globals["raise_exception"] = refuse
environment.globals["strftime_now"] = lambda format: datetime(2025, 3, 7, 15, 4, 5).strftime(format)

def with_parsed_arguments(variables):
    """The same with the arguments of tool calls as objects instead of JSON text."""
    variables = json.loads(json.dumps(variables))
    for message in variables["messages"]:
        for call in message.get("tool_calls", []):
            call["function"]["arguments"] = json.loads(call["function"]["arguments"])
    return variables


root = pathlib.Path(sys.argv[1])
contexts = {path.stem: json.loads(path.read_text()) for path in sorted((root / "contexts").glob("*.json"))}
contexts["tool_use_parsed"] = with_parsed_arguments(contexts["tool_use"])
renderings = {}
for path in sorted(root.glob("*.jinja")):
    for name, variables in contexts.items():
        variables = {"tools": None, "documents": None, **variables}
        try:
            text = environment.from_string(path.read_text()).render(**variables)
            result = {"sha256": hashlib.sha256(text.encode()).hexdigest(), "length": len(text)}
        except Refused as error:
            result = {"refused": str(error)}
        except jinja2.exceptions.SecurityError as error:
            result = {"sandbox": str(error)}
        except Exception as error:
            result = {"fails": f"{type(error).__name__}: {error}"}
        renderings[f"{path.stem}/{name}"] = result
print(json.dumps({"jinja2": jinja2.__version__, "renderings": renderings}, indent=1, ensure_ascii=False))
