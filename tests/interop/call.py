"""One gRPC call with grpcio. Reads what to call as JSON from stdin, writes what came back as JSON to stdout;
InteropCall.cs and InteropResult.cs describe both."""
import base64
import json
import sys

import grpc
from google.protobuf import descriptor_pb2, descriptor_pool, json_format, message_factory

call_input = json.load(sys.stdin)
pool = descriptor_pool.DescriptorPool()
for file in descriptor_pb2.FileDescriptorSet.FromString(base64.b64decode(call_input["descriptors"])).file:
    pool.Add(file)
factory = message_factory.MessageFactory(pool)
method = pool.FindServiceByName(call_input["service"]).FindMethodByName(call_input["method"])
request_type = factory.GetPrototype(method.input_type)
response_type = factory.GetPrototype(method.output_type)
proto = descriptor_pb2.MethodDescriptorProto()
method.CopyToProto(proto)


def text(value):
    return base64.b64encode(value).decode() if isinstance(value, bytes) else value


def entries(metadata):
    return {name: text(value) for name, value in metadata or ()}


result = {"messages": [], "status": 0, "message": "", "headers": {}, "trailers": {}}
requests = [json_format.ParseDict(request, request_type()) for request in call_input["requests"]]
options = {
    "timeout": call_input["deadlineMs"] / 1000 if call_input["deadlineMs"] else None,
    "metadata": tuple(call_input["metadata"].items()),
    "compression": grpc.Compression.Gzip if call_input["gzip"] else None,
}
with grpc.insecure_channel(call_input["address"], options=[("grpc.max_receive_message_length", -1)]) as channel:
    kind = ("stream" if proto.client_streaming else "unary") + "_" + ("stream" if proto.server_streaming else "unary")
    stub = getattr(channel, kind)(
        f"/{call_input['service']}/{call_input['method']}",
        request_serializer=request_type.SerializeToString,
        response_deserializer=response_type.FromString)
    outgoing = iter(requests) if proto.client_streaming else requests[0]
    try:
        if proto.server_streaming:
            call = stub(outgoing, **options)
            for message in call:
                result["messages"].append(message)
                if len(result["messages"]) == call_input["cancelAfter"]:
                    call.cancel()
        else:
            message, call = stub.with_call(outgoing, **options)
            result["messages"].append(message)
    except grpc.RpcError as error:
        call = error
    result["status"] = call.code().value[0]
    result["message"] = call.details()
    result["headers"] = entries(call.initial_metadata())
    result["trailers"] = entries(call.trailing_metadata())

result["messages"] = [json_format.MessageToDict(m, preserving_proto_field_name=True) for m in result["messages"]]
json.dump(result, sys.stdout)
