// SIPUserAgent
