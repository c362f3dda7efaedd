"""Drives GenerationService with grpcio: python3 generate.py ADDRESS DESCRIPTORS. Prints one JSON object.

DESCRIPTORS is a google.protobuf.FileDescriptorSet, so that no generated code is needed.
"""
import json
import sys

import grpc
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

address, descriptors = sys.argv[1:]
pool = descriptor_pool.DescriptorPool()
with open(descriptors, "rb") as file:
    for proto in descriptor_pb2.FileDescriptorSet.FromString(file.read()).file:
        pool.Add(proto)
factory = message_factory.MessageFactory(pool)
Request = factory.GetPrototype(pool.FindMessageTypeByName("inference.v1.GenerateRequest"))
Response = factory.GetPrototype(pool.FindMessageTypeByName("inference.v1.GenerateResponse"))
channel = grpc.insecure_channel(address)
serialized = channel.unary_stream("/inference.v1.GenerationService/Generate", request_serializer=lambda b: b, response_deserializer=Response.FromString)


def generate(request, timeout=None, cancel=False):
    call = serialized(request if isinstance(request, bytes) else request.SerializeToString(), timeout=timeout)
    text = ""
    tokens = 0
    try:
        for response in call:
            text += "".join(delta.text for delta in response.deltas)
            tokens = response.usage.completion_tokens
            if cancel:
                call.cancel()
        return {"code": 0, "text": text, "tokens": tokens}
    except grpc.RpcError as error:
        return {"code": error.code().value[0], "message": error.details(), "text": text}


def long():
    request = Request(text="Once upon a time")
    request.sampling.ignore_eos = True
    request.sampling.n = 16
    return request


def greedy(tokens):
    request = Request()
    request.tokens.ids.append(1)
    request.sampling.temperature = 0
    request.sampling.max_tokens = tokens
    return request


def bad():
    temperature, top_p, stops, template = (Request(text="x") for _ in range(4))
    temperature.sampling.temperature = -1
    top_p.sampling.top_p = 2
    stops.sampling.stop.extend(f"stop {i}" for i in range(1000))
    template.chat.messages.add(role="user", content="Hi")
    template.chat.chat_template = "{% for i in range(100000) %}{% for j in range(100000) %}{% endfor %}{% endfor %}"
    return {
        "empty": Request(text=""),
        "tenMegabytes": Request(text="a" * (10 << 20)),
        "unknownModel": Request(model="gpt-5", text="x"),
        "temperature": temperature,
        "topP": top_p,
        "stops": stops,
        "endlessTemplate": template,
        "invalidUtf8": b"\x12\x02\xc3\x28",
    }


print(json.dumps({
    "stream": generate(greedy(200)),
    "cancelled": generate(long(), cancel=True),
    "deadline": generate(long(), timeout=0.1),
    "errors": {name: generate(request) for name, request in bad().items()},
    "after": generate(greedy(5)),
}))
