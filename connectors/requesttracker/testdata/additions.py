#!/usr/bin/env python3
"""What seed.py leaves empty and the connector answers, for the suite's recording.

    STATE_DIR=... PORT=... python3 additions.py      once, after seed.py
"""
import json, os, urllib.parse, urllib.request

URL = f"http://127.0.0.1:{os.environ.get('PORT', '8083')}/REST/2.0"
TOKEN = open(os.path.join(os.environ["STATE_DIR"], "token")).read().strip()


def rt(method, path, body):
    rq = urllib.request.Request(URL + path, json.dumps(body).encode(), {"Authorization": "token " + TOKEN, "Content-Type": "application/json"}, method=method)
    with urllib.request.urlopen(rq, timeout=60) as f:
        return json.loads(f.read() or b"null")


def user(login):
    return "/user/" + urllib.parse.quote(login)


zoe, wei, aoife = "Zoe.Cruz@Example.org", "WTANAKA@POST.EXAMPLE", "a_obrien@corp.example"
print(rt("PUT", user(zoe), {"Lang": "pt_BR", "Organization": "Umbra Optics", "WorkPhone": "0221 555 0101", "HomePhone": "0221 555 0102",
                            "Address2": "Hinterhaus", "State": "NW"}))
print(rt("PUT", user(aoife), {"Disabled": 1}))  # a person all the same
print(rt("POST", "/user", {"Name": "clerk", "EmailAddress": "clerk@helpdesk.example", "RealName": "A Clerk", "Privileged": 1}))
tickets = rt("GET", "/tickets?query=" + urllib.parse.quote("id > 0") + "&fields=Subject&orderby=id", None)["items"]
by = {t["Subject"]: t["id"] for t in tickets}
print(rt("PUT", f"/ticket/{by['The grinder hums']}", {"Status": "resolved", "Priority": 100}))
print(rt("PUT", f"/ticket/{by['Invoice went astray']}", {"Status": "stalled", "Priority": 50}))
print(rt("PUT", f"/ticket/{by['Forgotten password']}", {"Status": "rejected"}))
# One ticket of two requestors, and one of a group of which one of them is.
print(rt("POST", "/ticket", {"Queue": "General", "Subject": "We both wonder", "Requestor": [zoe, wei], "Status": "open", "Content": "Well?", "ContentType": "text/plain"}))
team = rt("POST", "/group", {"Name": "team"})
print(team)
wid = rt("GET", user(wei), None)["id"]
print(rt("PUT", f"/group/{team['id']}/members", [str(wid)]))
t = rt("POST", "/ticket", {"Queue": "General", "Subject": "The team asks", "Content": "Well?", "ContentType": "text/plain"})
print(t, rt("PUT", f"/ticket/{t['id']}", {"Requestor": [str(team["id"])]}))
