"""The Internet services that a SIM7100 does itself: mail, FTP, HTTP and their TLS forms, and its file system.

IS = "SIM7100 AT Command Set for Internet Service" 0.01; chapter numbers are those of its body.

    clients.py    the clients by name: where the dialect comes in
    state.py      what the clients share: who listens for which lines, habits of the firmware, sessions after a restart
    inflow.py     receiving: counted blocks, and result lines before or after OK      outflow.py   sending data and names
    smtp.py  pop3.py  ftp.py  ftps.py  http.py  https.py    the clients               response.py  an HTTP response
    pop3_read.py  a mail without a length, for firmware without file commands         drives.py    the file system
"""
