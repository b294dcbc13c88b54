"""The GuardDuty API, as far as terraform-provider-aws 5.100.0 calls it: what `serve.py` answers with.

Routes, required members and enums are read from botocore's own model of the service, so an operation
without a handler answers 501 with its name instead of something plausible.

A stub, not AWS: it never opens a list, never checks S3 or KMS access, never makes findings. A set that is
asked to be active is ACTIVE at once, so faulty configurations apply without an error.
"""
import gzip
import hashlib
import json
import os
import re
import threading
import time
from urllib.parse import unquote

import botocore

from organization import ApiError, Organization, now_iso

NOT_OWNED = "The request is rejected because the input detectorId is not owned by the current account."
NO_SUCH = "The request is rejected since no such resource found."

FEATURES = ["S3_DATA_EVENTS", "EKS_AUDIT_LOGS", "EBS_MALWARE_PROTECTION", "RDS_LOGIN_EVENTS",
            "LAMBDA_NETWORK_LOGS", "EKS_RUNTIME_MONITORING", "RUNTIME_MONITORING"]


def load_model():
    base = os.path.join(os.path.dirname(botocore.__file__), "data/guardduty/2017-11-28")
    for name in ("service-2.json.gz", "service-2.json"):
        path = os.path.join(base, name)
        if os.path.exists(path):
            opener = gzip.open if path.endswith(".gz") else open
            with opener(path) as f:
                return json.load(f)
    raise SystemExit("botocore guardduty model not found under " + base)


class Stub(Organization):
    def __init__(self):
        self.lock = threading.RLock()
        self.model = load_model()
        self.routes = []
        for name, op in self.model["operations"].items():
            uri = op["http"]["requestUri"]
            # tag ARNs hold slashes, so that parameter is greedy
            rx = re.sub(r"\{(\w+)\}", lambda m: "(?P<%s>%s)" % (
                m.group(1), ".+" if m.group(1) == "ResourceArn" else "[^/]+"), uri)
            self.routes.append((op["http"]["method"], re.compile("^" + rx + "/?$"), name,
                                op["http"].get("responseCode", 200)))
        # literal paths before parameterised ones
        self.routes.sort(key=lambda r: r[1].pattern.count("(?P"))
        self.detectors = {}      # (account, region) -> {detector id -> dict}
        self.plans = {}          # (account, region) -> {plan id -> dict}
        self.org_admins = {}     # region -> {admin account -> status}
        self.invitations = {}    # (member account, region) -> {admin account -> dict}
        self.failures = []
        self.answers = {}        # (operation, clientToken) -> answer: a client that lost it may ask again
        self.made = {}           # what an id was made for -> how many so far

    def new_id(self, length, *what):
        """The same thing gets the same id in every run, in whatever order Terraform asks for it."""
        n = self.made[what] = self.made.get(what, 0) + 1
        return hashlib.sha256("|".join((*what, str(n))).encode()).hexdigest()[:length]

    # ---- plumbing -------------------------------------------------------------------------
    def validate(self, op, body):
        """Required body members and enums, straight from the botocore model."""
        shapes = self.model["shapes"]

        def walk(name, value, path):
            s = shapes[name]
            if s["type"] == "structure":
                if not isinstance(value, dict):
                    return
                for k, m in s.get("members", {}).items():
                    if m.get("location") in ("uri", "querystring"):
                        continue
                    wire = m.get("locationName", k)
                    if wire not in value or value[wire] is None:
                        if k in s.get("required", []):
                            raise ApiError("The request is rejected because required parameter %s is missing." % (path + wire))
                        continue
                    walk(m["shape"], value[wire], path + wire + ".")
            elif s["type"] == "list" and isinstance(value, list):
                for v in value:
                    walk(s["member"]["shape"], v, path)
            elif s.get("enum") and value not in s["enum"]:
                raise ApiError("The request is rejected because an input parameter has invalid value: %s=%r." % (path.rstrip("."), value))

        shape = self.model["operations"][op].get("input", {}).get("shape")
        if shape:
            walk(shape, body, "")

    def handle(self, method, path, query, headers, raw):
        auth = headers.get("Authorization", "")
        m = re.search(r"Credential=([^/]+)/\d+/([^/]+)/([^/]+)/", auth)
        key, region = (m.group(1), m.group(2)) if m else ("", "us-east-1")
        account = account_of(key)
        body = json.loads(raw) if raw.strip() else {}
        for verb, rx, op, code in self.routes:
            if verb != method:
                continue
            hit = rx.match(path)
            if not hit:
                continue
            args = {k: unquote(v) for k, v in hit.groupdict().items()}
            status, out = code, {}
            try:
                with self.lock:
                    token = (op, body.get("clientToken"))
                    if token in self.answers:
                        return code, self.answers[token]
                    for f in self.failures:
                        if f["operation"] == op and f["times"] > 0:
                            f["times"] -= 1
                            raise ApiError(f.get("message", "lab fault injection"),
                                           f.get("type", "InternalServerErrorException"), f.get("status", 500))
                    fn = getattr(self, "op_" + op, None)
                    if fn is None:
                        raise ApiError("lab stub: %s is not implemented" % op, "NotImplemented", 501)
                    self.validate(op, body)
                    ctx = Ctx(account, region, args, body, query)
                    if "DetectorId" in args and op not in ("GetDetector",):
                        ctx.det = self.detector(ctx)
                    out = fn(ctx) or {}
                    if body.get("clientToken"):
                        self.answers[token] = out
            except ApiError as e:
                status, out = e.status, {"message": e.message, "__type": e.type}
            return status, out
        return 404, {"message": "lab stub: no route", "__type": "UnknownOperationException"}

    def scope(self, ctx):
        return self.detectors.setdefault((ctx.account, ctx.region), {})

    def detector(self, ctx):
        d = self.scope(ctx).get(ctx.args["DetectorId"])
        if d is None:
            raise ApiError(NOT_OWNED)
        return d

    # ---- detector --------------------------------------------------------------------------
    def op_CreateDetector(self, c):
        if self.scope(c):
            raise ApiError("The request is rejected because a detector already exists for the current account.")
        did = self.new_id(32, "detector", c.account, c.region)
        d = {"id": did, "enable": c.body["enable"], "freq": c.body.get("findingPublishingFrequency") or "SIX_HOURS",
             "tags": c.body.get("tags") or {}, "created": now_iso(), "updated": now_iso(),
             "features": {n: {"status": "ENABLED" if n in ("S3_DATA_EVENTS", "EKS_AUDIT_LOGS", "EBS_MALWARE_PROTECTION",
                                                            "RDS_LOGIN_EVENTS", "LAMBDA_NETWORK_LOGS") else "DISABLED",
                              "add": {}} for n in FEATURES},
             "ipset": {}, "threatintelset": {}, "filter": {}, "dest": {}, "member": {}, "master": None,
             "org": {"autoEnableOrganizationMembers": "NONE", "features": {n: {"auto": "NONE", "add": {}} for n in FEATURES}}}
        self.apply_features(d, c.body)
        self.scope(c)[did] = d
        return {"detectorId": did}

    def apply_features(self, d, body):
        ds = body.get("dataSources") or {}
        f = d["features"]

        def flag(name, value):
            if value is not None:
                f[name]["status"] = "ENABLED" if value else "DISABLED"
        flag("S3_DATA_EVENTS", (ds.get("s3Logs") or {}).get("enable"))
        flag("EKS_AUDIT_LOGS", ((ds.get("kubernetes") or {}).get("auditLogs") or {}).get("enable"))
        flag("EBS_MALWARE_PROTECTION", ((ds.get("malwareProtection") or {}).get("scanEc2InstanceWithFindings") or {}).get("ebsVolumes"))
        for x in body.get("features") or []:
            f[x["name"]]["status"] = x["status"]
            for a in x.get("additionalConfiguration") or []:
                f[x["name"]]["add"][a["name"]] = a["status"]

    def op_GetDetector(self, c):
        d = self.detector(c)
        f = d["features"]
        role = "arn:aws:iam::%s:role/aws-service-role/guardduty.amazonaws.com/AWSServiceRoleForAmazonGuardDuty" % c.account
        on = "ENABLED" if d["enable"] else "DISABLED"
        feats = [{"name": n, "status": on, "updatedAt": time.time()} for n in ("CLOUD_TRAIL", "DNS_LOGS", "FLOW_LOGS")]
        for n, v in f.items():
            item = {"name": n, "status": v["status"], "updatedAt": time.time()}
            if v["add"]:
                item["additionalConfiguration"] = [{"name": a, "status": s, "updatedAt": time.time()} for a, s in v["add"].items()]
            feats.append(item)
        return {"createdAt": d["created"], "updatedAt": d["updated"], "findingPublishingFrequency": d["freq"],
                "serviceRole": role, "status": on, "tags": d["tags"], "features": feats,
                "dataSources": {"cloudTrail": {"status": on}, "dnsLogs": {"status": on}, "flowLogs": {"status": on},
                                "s3Logs": {"status": f["S3_DATA_EVENTS"]["status"]},
                                "kubernetes": {"auditLogs": {"status": f["EKS_AUDIT_LOGS"]["status"]}},
                                "malwareProtection": {"scanEc2InstanceWithFindings": {"ebsVolumes": {
                                    "status": f["EBS_MALWARE_PROTECTION"]["status"]}}, "serviceRole": role}}}

    def op_UpdateDetector(self, c):
        if c.body.get("enable") is not None:
            c.det["enable"] = c.body["enable"]
        if c.body.get("findingPublishingFrequency"):
            c.det["freq"] = c.body["findingPublishingFrequency"]
        self.apply_features(c.det, c.body)
        c.det["updated"] = now_iso()

    def op_DeleteDetector(self, c):
        if any(m["status"] == "Enabled" for m in c.det["member"].values()):
            raise ApiError("The request is rejected because the current account still has associated member accounts.")
        del self.scope(c)[c.args["DetectorId"]]

    def op_ListDetectors(self, c):
        return {"detectorIds": list(self.scope(c))}

    # ---- sets ------------------------------------------------------------------------------
    def create_set(self, c, kind):
        if any(s["name"] == c.body["name"] and s["status"] != "DELETED" for s in c.det[kind].values()):
            raise ApiError("The request is rejected because a resource with the same name already exists.")
        sid = self.new_id(32, kind, c.det["id"], c.body["name"])
        c.det[kind][sid] = {"name": c.body["name"], "format": c.body["format"], "location": c.body["location"],
                            "tags": c.body.get("tags") or {}, "status": "ACTIVE" if c.body["activate"] else "INACTIVE"}
        return sid

    def get_set(self, c, kind, arg):
        s = c.det[kind].get(c.args[arg])
        if s is None:
            raise ApiError(NO_SUCH)
        return s

    def update_set(self, c, kind, arg):
        s = self.get_set(c, kind, arg)
        for k in ("name", "location"):
            if c.body.get(k):
                s[k] = c.body[k]
        if c.body.get("activate") is not None:
            s["status"] = "ACTIVE" if c.body["activate"] else "INACTIVE"

    def op_CreateIPSet(self, c):
        return {"ipSetId": self.create_set(c, "ipset")}

    def op_GetIPSet(self, c):
        return dict(self.get_set(c, "ipset", "IpSetId"))

    def op_UpdateIPSet(self, c):
        self.update_set(c, "ipset", "IpSetId")

    def op_DeleteIPSet(self, c):
        self.get_set(c, "ipset", "IpSetId")["status"] = "DELETED"   # the provider waits for exactly this

    def op_ListIPSets(self, c):
        return {"ipSetIds": [k for k, v in c.det["ipset"].items() if v["status"] != "DELETED"]}

    def op_CreateThreatIntelSet(self, c):
        return {"threatIntelSetId": self.create_set(c, "threatintelset")}

    def op_GetThreatIntelSet(self, c):
        return dict(self.get_set(c, "threatintelset", "ThreatIntelSetId"))

    def op_UpdateThreatIntelSet(self, c):
        self.update_set(c, "threatintelset", "ThreatIntelSetId")

    def op_DeleteThreatIntelSet(self, c):
        self.get_set(c, "threatintelset", "ThreatIntelSetId")["status"] = "DELETED"

    def op_ListThreatIntelSets(self, c):
        return {"threatIntelSetIds": [k for k, v in c.det["threatintelset"].items() if v["status"] != "DELETED"]}

    # ---- filter ----------------------------------------------------------------------------
    def op_CreateFilter(self, c):
        n = c.body["name"]
        if n in c.det["filter"]:
            raise ApiError("The request is rejected because a filter with the given name already exists.")
        c.det["filter"][n] = {"name": n, "description": c.body.get("description") or "", "action": c.body.get("action") or "NOOP",
                              "rank": c.body.get("rank") or 1, "findingCriteria": c.body["findingCriteria"], "tags": c.body.get("tags") or {}}
        return {"name": n}

    def _filter(self, c):
        f = c.det["filter"].get(c.args["FilterName"])
        if f is None:
            raise ApiError(NO_SUCH)
        return f

    def op_GetFilter(self, c):
        return dict(self._filter(c))

    def op_UpdateFilter(self, c):
        f = self._filter(c)
        for k in ("description", "action", "rank", "findingCriteria"):
            if c.body.get(k) is not None:
                f[k] = c.body[k]
        return {"name": f["name"]}

    def op_DeleteFilter(self, c):
        self._filter(c)
        del c.det["filter"][c.args["FilterName"]]

    def op_ListFilters(self, c):
        return {"filterNames": list(c.det["filter"])}

    # ---- publishing destination --------------------------------------------------------------
    def op_CreatePublishingDestination(self, c):
        i = self.new_id(32, "destination", c.det["id"])
        c.det["dest"][i] = {"destinationId": i, "destinationType": c.body["destinationType"], "status": "PUBLISHING",
                            "publishingFailureStartTimestamp": 0, "destinationProperties": c.body["destinationProperties"],
                            "tags": c.body.get("tags") or {}}
        return {"destinationId": i}

    def _dest(self, c):
        d = c.det["dest"].get(c.args["DestinationId"])
        if d is None:
            raise ApiError(NO_SUCH)
        return d

    def op_DescribePublishingDestination(self, c):
        return dict(self._dest(c))

    def op_UpdatePublishingDestination(self, c):
        self._dest(c)["destinationProperties"].update(c.body.get("destinationProperties") or {})

    def op_DeletePublishingDestination(self, c):
        self._dest(c)
        del c.det["dest"][c.args["DestinationId"]]

    def op_ListPublishingDestinations(self, c):
        return {"destinations": [{k: d[k] for k in ("destinationId", "destinationType", "status")} for d in c.det["dest"].values()]}

    # ---- malware protection plan ---------------------------------------------------------------
    def _plans(self, c):
        return self.plans.setdefault((c.account, c.region), {})

    def op_CreateMalwareProtectionPlan(self, c):
        res = c.body["protectedResource"]
        i = self.new_id(20, "plan", c.account, c.region, json.dumps(res))
        self._plans(c)[i] = {"arn": "arn:aws:guardduty:%s:%s:malware-protection-plan/%s" % (c.region, c.account, i),
                             "role": c.body["role"], "protectedResource": res,
                             "actions": c.body.get("actions") or {"tagging": {"status": "DISABLED"}},
                             "createdAt": time.time(), "status": "ACTIVE", "statusReasons": [], "tags": c.body.get("tags") or {}}
        return {"malwareProtectionPlanId": i}

    def _plan(self, c):
        p = self._plans(c).get(c.args["MalwareProtectionPlanId"])
        if p is None:
            raise ApiError(NO_SUCH, "ResourceNotFoundException", 404)
        return p

    def op_GetMalwareProtectionPlan(self, c):
        return dict(self._plan(c))

    def op_UpdateMalwareProtectionPlan(self, c):
        p = self._plan(c)
        for k in ("role", "actions"):
            if c.body.get(k):
                p[k] = c.body[k]
        pre = ((c.body.get("protectedResource") or {}).get("s3Bucket") or {}).get("objectPrefixes")
        if pre is not None:
            p["protectedResource"].setdefault("s3Bucket", {})["objectPrefixes"] = pre

    def op_DeleteMalwareProtectionPlan(self, c):
        self._plan(c)
        del self._plans(c)[c.args["MalwareProtectionPlanId"]]

    def op_ListMalwareProtectionPlans(self, c):
        return {"malwareProtectionPlans": [{"malwareProtectionPlanId": i} for i in self._plans(c)]}

    # ---- tags --------------------------------------------------------------------------------
    def _tagged(self, c):
        arn = c.args["ResourceArn"]
        parts = arn.split(":", 5)
        region, account, rest = parts[3], parts[4], parts[5].split("/")
        if rest[0] == "malware-protection-plan":
            hit = self.plans.get((account, region), {}).get(rest[1])
        else:
            hit = self.detectors.get((account, region), {}).get(rest[1])
            if hit and len(rest) > 3:
                kind = {"publishingDestination": "dest"}.get(rest[2], rest[2])
                hit = hit[kind].get(rest[3])
        if hit is None:
            raise ApiError(NO_SUCH)
        return hit

    def op_ListTagsForResource(self, c):
        return {"tags": self._tagged(c)["tags"]}

    def op_TagResource(self, c):
        self._tagged(c)["tags"].update(c.body["tags"])

    def op_UntagResource(self, c):
        t = self._tagged(c)["tags"]
        for k in c.query.get("tagKeys", []):
            t.pop(k, None)


class Ctx:
    def __init__(self, account, region, args, body, query):
        self.account, self.region, self.args, self.body, self.query = account, region, args, body, query
        self.det = None


def account_of(access_key):
    """Same rule as moto: keys handed out by AssumeRole belong to the role's account."""
    from moto.iam.models import get_account_id_from
    return get_account_id_from(access_key)
