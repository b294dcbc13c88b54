"""Members, invitations and organizations: the half of the GuardDuty stub that joins accounts."""
import time


class ApiError(Exception):
    def __init__(self, message, type_="BadRequestException", status=400):
        super().__init__(message)
        self.message, self.type, self.status = message, type_, status


def now_iso():
    return time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime())


class Organization:
    # ---- members and invitations -----------------------------------------------------------
    def op_CreateMembers(self, c):
        for a in c.body["accountDetails"]:
            c.det["member"].setdefault(a["accountId"], {"email": a["email"], "status": "Created", "updated": now_iso(), "invited": None})
        return {"unprocessedAccounts": []}

    def member_json(self, c, acc, m):
        out = {"accountId": acc, "masterId": c.account, "administratorId": c.account, "email": m["email"],
               "relationshipStatus": m["status"], "updatedAt": m["updated"], "detectorId": c.det["id"]}
        if m["invited"]:
            out["invitedAt"] = m["invited"]
        return out

    def op_GetMembers(self, c):
        found, missing = [], []
        for a in c.body["accountIds"]:
            if a in c.det["member"]:
                found.append(self.member_json(c, a, c.det["member"][a]))
            else:
                missing.append({"accountId": a, "result": "The request is rejected because the given account ID is not an associated member of account the current account."})
        return {"members": found, "unprocessedAccounts": missing}

    def op_ListMembers(self, c):
        return {"members": [self.member_json(c, a, m) for a, m in c.det["member"].items()]}

    def op_InviteMembers(self, c):
        for a in c.body["accountIds"]:
            m = c.det["member"].get(a)
            if m and m["status"] == "Created":
                m["status"], m["invited"] = "Invited", now_iso()
                self.invitations.setdefault((a, c.region), {})[c.account] = {
                    "accountId": c.account, "invitationId": self.new_id(32, "invitation", c.account, a), "relationshipStatus": "Invited", "invitedAt": m["invited"]}
        return {"unprocessedAccounts": []}

    def op_DisassociateMembers(self, c):
        for a in c.body["accountIds"]:
            if a in c.det["member"]:
                c.det["member"][a]["status"] = "Removed"
        return {"unprocessedAccounts": []}

    def op_DeleteMembers(self, c):
        bad = []
        for a in c.body["accountIds"]:
            m = c.det["member"].get(a)
            if m and m["status"] == "Enabled":
                bad.append({"accountId": a, "result": "The request is rejected because the member is still associated."})
            elif m:
                del c.det["member"][a]
        return {"unprocessedAccounts": bad}

    def op_ListInvitations(self, c):
        return {"invitations": list(self.invitations.get((c.account, c.region), {}).values())}

    def _accept(self, c, admin):
        inv = self.invitations.get((c.account, c.region), {}).get(admin)
        if inv is None or inv["invitationId"] != c.body.get("invitationId"):
            raise ApiError("The request is rejected because the invitation is not found.")
        inv["relationshipStatus"] = "Enabled"
        c.det["master"] = dict(inv)
        self._set_member_status(admin, c, "Enabled")

    def _set_member_status(self, admin, c, status):
        for d in self.detectors.get((admin, c.region), {}).values():
            if c.account in d["member"]:
                d["member"][c.account]["status"] = status

    def op_AcceptInvitation(self, c):
        self._accept(c, c.body["masterId"])

    def op_AcceptAdministratorInvitation(self, c):
        self._accept(c, c.body["administratorId"])

    def op_GetMasterAccount(self, c):
        return {"master": c.det["master"]} if c.det["master"] else {}

    def op_GetAdministratorAccount(self, c):
        return {"administrator": c.det["master"]} if c.det["master"] else {}

    def op_DisassociateFromMasterAccount(self, c):
        if c.det["master"]:
            self._set_member_status(c.det["master"]["accountId"], c, "Resigned")
            c.det["master"] = None

    op_DisassociateFromAdministratorAccount = op_DisassociateFromMasterAccount

    # ---- organisation ------------------------------------------------------------------------
    def op_EnableOrganizationAdminAccount(self, c):
        self.org_admins.setdefault(c.region, {})[c.body["adminAccountId"]] = "ENABLED"

    def op_DisableOrganizationAdminAccount(self, c):
        self.org_admins.setdefault(c.region, {}).pop(c.body["adminAccountId"], None)

    def op_ListOrganizationAdminAccounts(self, c):
        return {"adminAccounts": [{"adminAccountId": a, "adminStatus": s} for a, s in self.org_admins.get(c.region, {}).items()]}

    def op_DescribeOrganizationConfiguration(self, c):
        o = c.det["org"]
        f = o["features"]

        def auto(n):
            return f[n]["auto"] in ("NEW", "ALL")
        feats = []
        for n, v in f.items():
            item = {"name": n, "autoEnable": v["auto"]}
            if v["add"]:
                item["additionalConfiguration"] = [{"name": a, "autoEnable": s} for a, s in v["add"].items()]
            feats.append(item)
        mode = o["autoEnableOrganizationMembers"]
        return {"autoEnable": mode in ("NEW", "ALL"), "autoEnableOrganizationMembers": mode, "memberAccountLimitReached": False,
                "features": feats,
                "dataSources": {"s3Logs": {"autoEnable": auto("S3_DATA_EVENTS")},
                                "kubernetes": {"auditLogs": {"autoEnable": auto("EKS_AUDIT_LOGS")}},
                                "malwareProtection": {"scanEc2InstanceWithFindings": {"ebsVolumes": {"autoEnable": auto("EBS_MALWARE_PROTECTION")}}}}}

    def op_UpdateOrganizationConfiguration(self, c):
        o = c.det["org"]
        if c.body.get("autoEnableOrganizationMembers"):
            o["autoEnableOrganizationMembers"] = c.body["autoEnableOrganizationMembers"]
        elif c.body.get("autoEnable") is not None:
            o["autoEnableOrganizationMembers"] = "NEW" if c.body["autoEnable"] else "NONE"
        ds = c.body.get("dataSources") or {}
        for name, v in (("S3_DATA_EVENTS", (ds.get("s3Logs") or {}).get("autoEnable")),
                        ("EKS_AUDIT_LOGS", ((ds.get("kubernetes") or {}).get("auditLogs") or {}).get("autoEnable")),
                        ("EBS_MALWARE_PROTECTION", (((ds.get("malwareProtection") or {}).get("scanEc2InstanceWithFindings") or {}).get("ebsVolumes") or {}).get("autoEnable"))):
            if v is not None:
                o["features"][name]["auto"] = "NEW" if v else "NONE"
        for x in c.body.get("features") or []:
            o["features"][x["name"]]["auto"] = x["autoEnable"]
            for a in x.get("additionalConfiguration") or []:
                o["features"][x["name"]]["add"][a["name"]] = a["autoEnable"]
