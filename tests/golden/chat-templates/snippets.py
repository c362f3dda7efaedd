# Renders each template of snippets.txt (separated by lines of %%%%) by Jinja itself; the test compares texts, and that
# what fails there fails here.
# usage: python3 snippets.py > snippets.json
import json
import pathlib

import jinja2

from jinja_environment import environment

variables = {
    "a": [3, 1, 2], "s": "Hello World", "u": "a😀é中", "d": {"b": 2, "a": 1, "c": {"x": [1, "y", None, True, 1.5]}},
    "n": None, "f": 1.0, "t": True, "words": ["b", "A", "c", "a"], "neg": -7, "big": 18446744073709551615, "e": [],
    "objs": [{"n": "x", "v": 2}, {"n": "y", "v": 1}, {"n": "x"}], "html": "<a href=\"x\">&'</a>", "ml": "l1\n\nl2\r\nl3\n",
    "msgs": [{"role": "system", "content": "S"}, {"role": "user", "content": "U"}],
}
source = pathlib.Path(__file__).with_name("snippets.txt").read_text()
cases = []
for template in source.removesuffix("\n").split("\n%%%%\n"):
    try:
        cases.append({"template": template, "text": environment.from_string(template).render(**variables)})
    except Exception as error:
        cases.append({"template": template, "error": f"{type(error).__name__}: {error}"})
print(json.dumps({"jinja2": jinja2.__version__, "variables": variables, "cases": cases}, indent=1, ensure_ascii=False))
