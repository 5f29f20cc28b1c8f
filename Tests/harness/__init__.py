"""What all test programs use: sipregd and its peers as objects, who is asked and who answers, and the report.

A program puts the folder above this one on its path; nothing here knows a program.
"""
