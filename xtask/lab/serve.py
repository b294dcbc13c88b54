"""moto and the GuardDuty stub in one process, on loopback, for as long as standard input stays open.

    python3 serve.py

The first line of standard output is JSON: the addresses of both servers. The process ends when its standard
input ends, so that it cannot outlive whoever started it, however that one dies.

moto 5.2.1 answers S3, IAM, STS, KMS, SNS, EventBridge, Lambda and the rest. Three things are changed, in this
process only:
* its bucket policy check is off: it ignores `Condition`, and so turns a TLS-only Deny into a lock-out of Terraform;
* its randomness is seeded, so that ids repeat from run to run;
* users' access keys are the examples of AWS's own documentation, which no secret scanner mistakes for a leak.

Besides AWS's operations the stub takes `POST /_lab/VERB`, the things that people do by hand: see `by_hand`.
"""
import json
import logging
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from guardduty import Ctx, Stub

SEED = 1
ACCOUNT = "123456789012"
REGION = "eu-west-1"


def by_hand(stub, verb, body):
    """What happens outside Terraform. Answers with what was made, if something was."""
    with stub.lock:
        if verb == "fail":          # the next call of an operation is refused
            stub.failures.append({"times": 1, **body})
        elif verb == "weaken":      # detectors are suspended, trusted lists deactivated
            for scope in stub.detectors.values():
                for detector in scope.values():
                    detector["enable"] = False
                    for ipset in detector["ipset"].values():
                        ipset["status"] = "INACTIVE"
        elif verb == "detector":    # somebody makes a detector in the console
            made = stub.op_CreateDetector(Ctx(ACCOUNT, REGION, {}, {"enable": True, "tags": {"made": "by-hand"}}, {}))
            return {"made": made["detectorId"]}
        elif verb == "put":         # an object appears in the only bucket there is
            backend = s3()
            [bucket] = backend.buckets
            backend.put_object(bucket, body["key"], b"not in any state file")
        elif verb == "delete":      # an object disappears from every bucket that has it
            backend = s3()
            for bucket in list(backend.buckets):
                if backend.get_object(bucket, body["key"]) is not None:
                    backend.delete_object(bucket, body["key"])
        else:
            raise ValueError("no such verb: " + verb)
        return {}


def s3():
    from moto.s3.models import s3_backends
    return s3_backends[ACCOUNT]["aws"]


def handler_for(stub):
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_):
            pass

        def reply(self, status, body):
            data = b"" if status == 204 else json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/x-amz-json-1.1")
            self.send_header("Content-Length", str(len(data)))
            self.send_header("x-amzn-RequestId", "00000000-0000-4000-8000-000000000000")
            if status >= 400:
                self.send_header("x-amzn-ErrorType", body.get("__type", "InternalServerErrorException"))
            self.end_headers()
            self.wfile.write(data)

        def answer(self):
            raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            url = urlsplit(self.path)
            try:
                if url.path.startswith("/_lab/"):
                    self.reply(200, by_hand(stub, url.path.removeprefix("/_lab/"), json.loads(raw or "{}")))
                else:
                    self.reply(*stub.handle(self.command, url.path, parse_qs(url.query), self.headers, raw))
            except Exception as fault:  # a bug in the stub must be loud; 400, because the provider retries a 500 for minutes
                self.reply(400, {"message": "lab stub bug: %r" % fault, "__type": "LabStubBug"})

        do_GET = do_POST = do_DELETE = do_PATCH = do_PUT = answer

    return Handler


def change_moto():
    from moto.core.config import default_user_config
    from moto.iam import models as iam
    from moto.iam.access_control import PermissionResult
    from moto.moto_api._internal import mock_random
    from moto.s3.models import FakeBucket

    default_user_config.setdefault("lambda", {})["use_docker"] = False
    FakeBucket.get_permission = lambda self, action, resource: PermissionResult.NEUTRAL
    mock_random.seed(SEED)
    iam.random_alphanumeric = lambda length: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
    # a role's temporary key must stay its own: the account is read from it
    original = iam.generate_access_key_id_from_account_id
    iam.generate_access_key_id_from_account_id = (
        lambda account, prefix, **rest: "AKIAIOSFODNN7EXAMPLE" if prefix == "AKIA" else original(account, prefix, **rest))


def main():
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    from moto.moto_server.threaded_moto_server import ThreadedMotoServer

    change_moto()
    moto = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    moto.start()
    guardduty = ThreadingHTTPServer(("127.0.0.1", 0), handler_for(Stub()))
    guardduty.daemon_threads = True
    threading.Thread(target=guardduty.serve_forever, daemon=True).start()
    addresses = {"moto": "127.0.0.1:%d" % moto.get_host_and_port()[1],
                 "guardduty": "127.0.0.1:%d" % guardduty.server_address[1]}
    print(json.dumps(addresses), flush=True)
    sys.stdin.read()
    guardduty.shutdown()
    moto.stop()


if __name__ == "__main__":
    main()
