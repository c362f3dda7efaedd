# Renders every template with every context by Jinja itself and prints the digests that the test compares.
# usage: python3 renderings.py TEMPLATE_DIRECTORY > renderings.json
import hashlib
import json
import pathlib
import sys

import jinja2

from jinja_environment import Refused, environment


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
